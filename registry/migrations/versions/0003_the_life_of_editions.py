"""The life of editions"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

APPEND_ONLY = ("editions", "edition_life", "what_ifs")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = (
    "draft", "consultation", "adopted", "notified", "in_force", "transition", "retired",
)


def upgrade():
    op.create_table('editions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('text_digest', sa.String(), nullable=False),
    sa.Column('content', JSON, nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_editions_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_editions')),
    sa.UniqueConstraint('key', 'text_digest', name=op.f('uq_editions_key_text_digest'))
    )
    op.create_table('edition_life',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('state', sa.Enum(*STATES, name='editionstate', native_enum=False, length=32), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_edition_life_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition_life'))
    )
    with op.batch_alter_table('edition_life', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_edition_life_key'), ['key'], unique=False)

    op.create_table('what_ifs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('run_at', sa.DateTime(), nullable=False),
    sa.Column('run_by_id', sa.Integer(), nullable=False),
    sa.Column('summary', JSON, nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['run_by_id'], ['users.id'], name=op.f('fk_what_ifs_run_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_what_ifs'))
    )
    with op.batch_alter_table('what_ifs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_what_ifs_key'), ['key'], unique=False)

    op.create_table('notices',
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificates.id'], name=op.f('fk_notices_certificate_id')),
    sa.PrimaryKeyConstraint('certificate_id', 'about', name=op.f('pk_notices'))
    )

    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for rule in sqlite_rules(table) if on_sqlite else postgresql_rules(table):
            op.execute(sa.DDL(rule))
    roles = sa.table("roles", sa.column("id"), sa.column("name"))
    op.bulk_insert(roles, [{"id": 8, "name": "scheme_owner"}])


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
