"""Suppliers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table('sign_ups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('company', sa.String(), nullable=False),
    sa.Column('vat', sa.String(), nullable=False),
    sa.Column('province', sa.String(), nullable=False),
    sa.Column('town', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ups')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_sign_ups_token_sha256'))
    )
    with op.batch_alter_table('sign_ups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_ups_asked_at'), ['asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_ups_email'), ['email'], unique=False)

    op.create_table('supplier_confirmations',
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('kept_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['organisations.id'], name=op.f('fk_supplier_confirmations_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'mark', name=op.f('pk_supplier_confirmations'))
    )
    op.create_table('supplier_layouts',
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(), nullable=False),
    sa.Column('columns', JSON, nullable=False),
    sa.Column('kept_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['organisations.id'], name=op.f('fk_supplier_layouts_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'mark', name=op.f('pk_supplier_layouts'))
    )
    op.create_table('supplier_lists',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('uploaded', 'asking', 'checking', 'confirming', 'done', 'cancelled', 'failed', 'erased', name='liststate', native_enum=False, length=32), nullable=False),
    sa.Column('format', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('doubtful', sa.Integer(), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('counts', JSON, nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('request_digest', sa.String(), nullable=True),
    sa.Column('handed_in_at', sa.DateTime(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('erased_at', sa.DateTime(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('done >= 0 AND done <= total', name=op.f('ck_supplier_lists_done_within_total')),
    sa.CheckConstraint('threshold BETWEEN 60 AND 100', name=op.f('ck_supplier_lists_threshold')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_supplier_lists_by_id')),
    sa.ForeignKeyConstraint(['company_id'], ['organisations.id'], name=op.f('fk_supplier_lists_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplier_lists')),
    sa.UniqueConstraint('company_id', 'idempotency_key', name=op.f('uq_supplier_lists_company_id_idempotency_key'))
    )
    with op.batch_alter_table('supplier_lists', schema=None) as batch_op:
        batch_op.create_index('ix_supplier_lists_company_id', ['company_id', 'id'], unique=False)
        batch_op.create_index('ix_supplier_lists_state', ['state', 'id'], unique=False)

    op.create_table('supplier_contents',
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['supplier_lists.id'], name=op.f('fk_supplier_contents_list_id')),
    sa.PrimaryKeyConstraint('list_id', 'kind', 'part', name=op.f('pk_supplier_contents'))
    )


def downgrade():
    raise NotImplementedError("restore a backup instead")
