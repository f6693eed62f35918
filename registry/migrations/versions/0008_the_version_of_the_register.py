"""The register's version"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

#: What the public sees change, beside the events. An organisation is nobody before it
#: is certified or listed, and whatever is said of it afterwards changes its row.
SHOWN = {
    "organisations": ("UPDATE", "DELETE"),
    "listings": ("INSERT", "UPDATE", "DELETE"),
    "certificates": ("UPDATE",),
    "certificate_copies": ("INSERT", "UPDATE"),
    "certificate_projection": ("UPDATE",),
    "edition_life": ("INSERT",),
}
EVENTS = """INSERT INTO public_changes (certificate_id, event_id, kind, "on", at)
    SELECT {row}certificate_id, {row}id, {row}kind, {row}effective_on, {row}recorded_at
    {source} WHERE {row}kind <> 'update_opened'"""


def upgrade():
    op.create_table('register_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('by_transaction', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_register_version_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_version'))
    )
    op.create_table('public_changes',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificates.id'], name=op.f('fk_public_changes_certificate_id')),
    sa.ForeignKeyConstraint(['event_id'], ['certificate_event.id'], name=op.f('fk_public_changes_event_id')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_public_changes')),
    sa.UniqueConstraint('event_id', name=op.f('uq_public_changes_event_id'))
    )
    with op.batch_alter_table('public_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_changes_certificate_id'), ['certificate_id'], unique=False)
    op.create_index('ix_certificate_event_recorded_at', 'certificate_event', ['recorded_at'], unique=False)
    op.create_index('ix_organisations_rea', 'organisations', ['rea'], unique=False)
    op.execute("INSERT INTO register_version (id, version) VALUES (1, 1)")
    op.execute(EVENTS.format(row="", source="FROM certificate_event") + " ORDER BY id")
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for rule in sqlite_rules() if on_sqlite else postgresql_rules():
        op.execute(sa.DDL(rule))


def sqlite_rules():
    bump = "UPDATE register_version SET version = version + 1"
    for table, acts in SHOWN.items():
        for act in acts:
            yield f"""CREATE TRIGGER {table}_{act.lower()}_shown AFTER {act} ON {table}
                BEGIN {bump}; END"""
    yield f"""CREATE TRIGGER certificate_event_shown AFTER INSERT ON certificate_event
        BEGIN {bump}; {EVENTS.format(row="NEW.", source="")}; END"""
    for act in ("UPDATE", "DELETE"):
        yield f"""CREATE TRIGGER public_changes_no_{act.lower()}
            BEFORE {act} ON public_changes
            BEGIN SELECT RAISE(ABORT, 'public_changes is append-only'); END"""


def postgresql_rules():
    # Deferred: the one row is locked last, so that nobody waits for anybody in a circle,
    # and changes are numbered in the order in which they become visible.
    bump = """UPDATE register_version
        SET version = version + 1, by_transaction = txid_current()
        WHERE by_transaction IS DISTINCT FROM txid_current()"""
    event = EVENTS.format(row="NEW.", source="")
    for name, acts in (("register_shown", bump), ("event_shown", f"{bump}; {event}")):
        yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {acts}; RETURN NULL; END $$"""
    for table, acts in SHOWN.items():
        yield f"""CREATE CONSTRAINT TRIGGER {table}_shown AFTER {" OR ".join(acts)}
            ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION register_shown()"""
    yield """CREATE CONSTRAINT TRIGGER certificate_event_shown AFTER INSERT
        ON certificate_event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION event_shown()"""
    yield """CREATE TRIGGER public_changes_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON public_changes
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""


def downgrade():
    raise NotImplementedError("restore a backup instead")
