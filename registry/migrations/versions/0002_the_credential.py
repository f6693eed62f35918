"""The credential of a certificate"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('certificate_credentials',
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('jwt', sa.String(), nullable=False),
    sa.Column('badge', sa.String(), nullable=False),
    sa.Column('revocation_index', sa.Integer(), nullable=False),
    sa.Column('suspension_index', sa.Integer(), nullable=False),
    sa.CheckConstraint('revocation_index BETWEEN 0 AND 131071 AND suspension_index BETWEEN 0 AND 131071', name=op.f('ck_certificate_credentials_in_the_lists')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificates.id'], name=op.f('fk_certificate_credentials_certificate_id')),
    sa.PrimaryKeyConstraint('certificate_id', name=op.f('pk_certificate_credentials')),
    sa.UniqueConstraint('revocation_index', name=op.f('uq_certificate_credentials_revocation_index')),
    sa.UniqueConstraint('suspension_index', name=op.f('uq_certificate_credentials_suspension_index'))
    )


def downgrade():
    raise NotImplementedError("restore a backup instead")
