"""Criteria that do not apply"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('waivers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('requirement', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(), nullable=False),
    sa.Column('claimed_by_id', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("accepted OR answer <> ''", name=op.f('ck_waivers_refused_why')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_waivers_claimed_why')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_waivers_answered_by_id')),
    sa.ForeignKeyConstraint(['application_id'], ['applications.id'], name=op.f('fk_waivers_application_id')),
    sa.ForeignKeyConstraint(['claimed_by_id'], ['users.id'], name=op.f('fk_waivers_claimed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waivers')),
    sa.UniqueConstraint('application_id', 'requirement', name=op.f('uq_waivers_application_id_requirement'))
    )
    with op.batch_alter_table('waivers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waivers_application_id'), ['application_id'], unique=False)


def downgrade():
    raise NotImplementedError("restore a backup instead")
