"""Certificates issued anew"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

APPEND_ONLY = ("organisation_names",)
REASONS = ("name_changed", "identity_changed", "paper_renewed")


def upgrade():
    op.create_table('organisation_names',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_key', sa.String(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_organisation_names_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_names'))
    )
    with op.batch_alter_table('organisation_names', schema=None) as batch_op:
        batch_op.create_index('ix_organisation_names_name_key', ['name_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_names_organisation_id'), ['organisation_id'], unique=False)

    op.add_column('certificates', sa.Column('counted_from', sa.Date(), nullable=True))
    op.create_index('uq_certificates_replaces', 'certificates', ['replaces_id'], unique=True)
    op.create_table('reissues',
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Enum(*REASONS, name='reissuereason', native_enum=False, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['users.id'], name=op.f('fk_reissues_asked_by_id')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificates.id'], name=op.f('fk_reissues_certificate_id')),
    sa.ForeignKeyConstraint(['successor_id'], ['certificates.id'], name=op.f('fk_reissues_successor_id')),
    sa.PrimaryKeyConstraint('certificate_id', name=op.f('pk_reissues')),
    sa.UniqueConstraint('successor_id', name=op.f('uq_reissues_successor_id'))
    )

    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for rule in sqlite_rules(table) if on_sqlite else postgresql_rules(table):
            op.execute(sa.DDL(rule))


def sqlite_rules(table):
    for act in ("UPDATE", "DELETE"):
        yield f"""CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""


def postgresql_rules(table):
    yield f"""CREATE TRIGGER {table}_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""


def downgrade():
    raise NotImplementedError("restore a backup instead")
