"""Receipts"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('receipts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('issued_at', sa.DateTime(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_receipts_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipts')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_receipts_fingerprint')),
    sa.UniqueConstraint('number', name=op.f('uq_receipts_number'))
    )
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipts_organisation_id'), ['organisation_id'], unique=False)

    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for rule in SQLITE if on_sqlite else POSTGRESQL:
        op.execute(sa.DDL(rule))


SQLITE = [
    f"""CREATE TRIGGER receipts_no_{act.lower()} BEFORE {act} ON receipts
        BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END"""
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE TRIGGER receipts_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
]


def downgrade():
    raise NotImplementedError("restore a backup instead")
