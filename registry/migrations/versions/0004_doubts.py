"""Doubts about holders; what finding a holder needs"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

APPEND_ONLY = ("complaint_acts",)
STATES = ("received", "admissible", "not_admissible", "closed")
TOPICS = ("mark", "criteria", "facts", "other")
OUTCOMES = ("founded", "partly_founded", "unfounded")
ACTS = ("received", "admitted", "rejected", "noted", "closed")
#: Words this short are not mended, this long nobody types; numbers have no misspelling.
SHORTEST, LONGEST = 4, 20
#: A word of more names than this is common: how many there are is no longer counted.
COMMON = 1000


def upgrade():
    op.create_table('complaints',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.Enum(*TOPICS, name='topic', native_enum=False, length=32), nullable=False),
    sa.Column('words', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('key_sha256', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(), nullable=False),
    sa.Column('answer_by_on', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum(*STATES, name='complaintstate', native_enum=False, length=32), nullable=False),
    sa.Column('outcome', sa.Enum(*OUTCOMES, name='outcome', native_enum=False, length=32), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name=op.f('ck_complaints_closed_with_an_outcome')),
    sa.CheckConstraint("(state IN ('closed', 'not_admissible')) = (ended_at IS NOT NULL)", name=op.f('ck_complaints_ended_on_a_day')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_complaints_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaints')),
    sa.UniqueConstraint('key_sha256', name=op.f('uq_complaints_key_sha256')),
    sa.UniqueConstraint('number', name=op.f('uq_complaints_number'))
    )
    with op.batch_alter_table('complaints', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_complaints_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('ix_complaints_state', ['state', 'answer_by_on'], unique=False)

    op.create_table('complaint_acts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('complaint_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum(*ACTS, name='actkind', native_enum=False, length=32), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_complaint_acts_by_id')),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_complaint_acts_complaint_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_acts'))
    )
    with op.batch_alter_table('complaint_acts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_complaint_acts_complaint_id'), ['complaint_id'], unique=False)

    # Along the names of a province; and who has an activity.
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.create_index('ix_organisations_province_name', ['province', 'name_key'], unique=False)
    with op.batch_alter_table('activities', schema=None) as batch_op:
        batch_op.create_index('ix_activities_code', ['code', 'organisation_id'], unique=False)

    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for rule in sqlite_rules() if on_sqlite else postgresql_rules():
        op.execute(sa.DDL(rule))


def learn_on_sqlite(names):
    """Every word of some names, and every word with one letter left out."""
    numbers = ",".join(str(n) for n in range(LONGEST + 1))
    return f"""INSERT OR IGNORE INTO organisation_search_spellings (spelling, word)
        SELECT CASE n.value WHEN 0 THEN w.value ELSE
            substr(w.value, 1, n.value - 1) || substr(w.value, n.value + 1) END,
            w.value
        FROM ({names}) AS learnt,
            json_each('["' || replace(learnt.name_key, ' ', '","') || '"]') AS w,
            json_each('[{numbers}]') AS n
        WHERE length(w.value) BETWEEN {SHORTEST} AND {LONGEST}
            AND n.value <= length(w.value) AND w.value NOT GLOB '*[0-9]*'
            AND NOT EXISTS (SELECT 1 FROM organisation_search_spellings AS known
                WHERE known.spelling = w.value AND known.word = w.value)"""


def count_on_sqlite(names):
    """How many public names have each word, about."""
    return f"""INSERT INTO organisation_search_words (word, names)
        SELECT w.value, count(*)
        FROM ({names}) AS learnt,
            json_each('["' || replace(learnt.name_key, ' ', '","') || '"]') AS w
        WHERE w.value <> '' AND NOT EXISTS (
            SELECT 1 FROM organisation_search_words AS common
            WHERE common.word = w.value AND common.names > {COMMON})
        GROUP BY w.value
        ON CONFLICT (word) DO UPDATE SET names = names + excluded.names"""


def place_on_sqlite(which):
    """Where each word of some holders' names stands, in the order of the names."""
    return f"""INSERT OR IGNORE INTO organisation_search_places
        SELECT w.value, named.name_key, named.id FROM organisations AS named,
            json_each('["' || replace(named.name_key, ' ', '","') || '"]') AS w
        WHERE {which} AND w.value <> ''"""


def sqlite_rules():
    for act in ("UPDATE", "DELETE"):
        yield f"""CREATE TRIGGER complaint_acts_no_{act.lower()} BEFORE {act}
            ON complaint_acts
            BEGIN SELECT RAISE(ABORT, 'complaint_acts is append-only'); END"""
    yield """CREATE TABLE organisation_search_spellings (
        spelling VARCHAR NOT NULL, word VARCHAR NOT NULL,
        PRIMARY KEY (spelling, word)) WITHOUT ROWID"""
    yield """CREATE TABLE organisation_search_words (
        word VARCHAR NOT NULL PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID"""
    yield """CREATE TABLE organisation_search_places (
        word VARCHAR NOT NULL, name_key VARCHAR NOT NULL,
        organisation_id INTEGER NOT NULL,
        PRIMARY KEY (word, name_key, organisation_id)) WITHOUT ROWID"""
    # Only words of names that are public: of holders, and of published lists.
    named = "SELECT NEW.name_key AS name_key"
    holder = "SELECT name_key FROM organisations WHERE id = NEW.organisation_id"
    yield f"""CREATE TRIGGER organisation_search_learn_holder
        AFTER INSERT ON certificate_projection
        BEGIN {learn_on_sqlite(holder)}; {count_on_sqlite(holder)};
        {place_on_sqlite("named.id = NEW.organisation_id")}; END"""
    yield f"""CREATE TRIGGER organisation_search_learn_name
        AFTER UPDATE OF name_key ON organisations
        WHEN EXISTS (SELECT 1 FROM certificate_projection
            WHERE organisation_id = NEW.id)
        BEGIN {learn_on_sqlite(named)}; {count_on_sqlite(named)};
        DELETE FROM organisation_search_places
        WHERE name_key = OLD.name_key AND organisation_id = OLD.id AND word IN (
            SELECT value
            FROM json_each('["' || replace(OLD.name_key, ' ', '","') || '"]'));
        {place_on_sqlite("named.id = NEW.id")}; END"""
    yield f"""CREATE TRIGGER organisation_search_learn_listing
        AFTER INSERT ON listings BEGIN {learn_on_sqlite(named)}; END"""
    present = """SELECT name_key FROM organisations WHERE id IN
        (SELECT organisation_id FROM certificate_projection)"""
    yield learn_on_sqlite(present)
    yield count_on_sqlite(present)
    yield place_on_sqlite(
        "named.id IN (SELECT organisation_id FROM certificate_projection)"
    )
    yield learn_on_sqlite("SELECT name_key FROM listings")
    yield """CREATE VIRTUAL TABLE organisation_search_former USING fts5(name_key,
        organisation_id UNINDEXED, tokenize="unicode61 remove_diacritics 2",
        prefix='2 3')"""
    yield """CREATE TRIGGER organisation_search_keep_former
        AFTER UPDATE OF name_key ON organisations
        WHEN OLD.name_key <> NEW.name_key BEGIN
        INSERT INTO organisation_search_former (name_key, organisation_id)
        VALUES (OLD.name_key, OLD.id); END"""


def postgresql_rules():
    yield """CREATE TRIGGER complaint_acts_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON complaint_acts
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    yield """CREATE TABLE organisation_search_spellings (
        spelling VARCHAR COLLATE "C" NOT NULL, word VARCHAR COLLATE "C" NOT NULL,
        PRIMARY KEY (spelling, word))"""
    yield f"""CREATE FUNCTION learn_name(learnt text) RETURNS void LANGUAGE sql AS $$
        INSERT INTO organisation_search_spellings (spelling, word)
        SELECT DISTINCT CASE n WHEN 0 THEN w ELSE
            substr(w, 1, n - 1) || substr(w, n + 1) END, w
        FROM regexp_split_to_table(learnt, ' ') AS w, generate_series(0, {LONGEST}) AS n
        WHERE length(w) BETWEEN {SHORTEST} AND {LONGEST} AND n <= length(w)
            AND w !~ '[0-9]' AND NOT EXISTS (
                SELECT 1 FROM organisation_search_spellings AS known
                WHERE known.spelling = w AND known.word = w)
        ORDER BY 1, 2 ON CONFLICT DO NOTHING $$"""
    yield """CREATE TABLE organisation_search_words (
        word VARCHAR COLLATE "C" NOT NULL PRIMARY KEY, names INTEGER NOT NULL)"""
    # In the order of the words, so that two at once wait for each other one way only.
    yield f"""CREATE FUNCTION count_name(learnt text) RETURNS void LANGUAGE sql AS $$
        INSERT INTO organisation_search_words AS known (word, names)
        SELECT w, count(*) FROM regexp_split_to_table(learnt, ' ') AS w
        WHERE w <> '' AND NOT EXISTS (
            SELECT 1 FROM organisation_search_words AS common
            WHERE common.word = w AND common.names > {COMMON})
        GROUP BY w ORDER BY w
        ON CONFLICT (word) DO UPDATE SET names = known.names + excluded.names $$"""
    yield """CREATE TABLE organisation_search_places (
        word VARCHAR COLLATE "C" NOT NULL, name_key VARCHAR NOT NULL,
        organisation_id INTEGER NOT NULL,
        PRIMARY KEY (word, name_key, organisation_id))"""
    yield """CREATE FUNCTION place_name(placed text, placed_id integer)
        RETURNS void LANGUAGE sql AS $$
        INSERT INTO organisation_search_places
        SELECT DISTINCT w, placed, placed_id
        FROM regexp_split_to_table(placed, ' ') AS w WHERE w <> ''
        ON CONFLICT DO NOTHING $$"""
    yield """CREATE FUNCTION learn_holder() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM learn_name(name_key), count_name(name_key),
            place_name(name_key, id) FROM organisations WHERE id = NEW.organisation_id; RETURN NULL; END $$"""
    yield """CREATE TRIGGER learn_holder AFTER INSERT ON certificate_projection
        FOR EACH ROW EXECUTE FUNCTION learn_holder()"""
    yield """CREATE FUNCTION learn_listing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM learn_name(NEW.name_key); RETURN NULL; END $$"""
    yield """CREATE TRIGGER learn_listing AFTER INSERT ON listings
        FOR EACH ROW EXECUTE FUNCTION learn_listing()"""
    yield """CREATE TABLE organisation_search_former (
        name_key VARCHAR NOT NULL, organisation_id INTEGER NOT NULL)"""
    yield """CREATE INDEX organisation_search_former_words
        ON organisation_search_former USING gin (to_tsvector('simple', name_key))"""
    yield """CREATE FUNCTION new_name() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        INSERT INTO organisation_search_former VALUES (OLD.name_key, OLD.id);
        IF EXISTS (SELECT 1 FROM certificate_projection
                   WHERE organisation_id = NEW.id) THEN
            PERFORM learn_name(NEW.name_key), count_name(NEW.name_key);
            DELETE FROM organisation_search_places
            WHERE name_key = OLD.name_key AND organisation_id = OLD.id
                AND word = ANY (string_to_array(OLD.name_key, ' '));
            PERFORM place_name(NEW.name_key, NEW.id);
        END IF; RETURN NULL; END $$"""
    yield """CREATE TRIGGER new_name AFTER UPDATE OF name_key ON organisations
        FOR EACH ROW WHEN (OLD.name_key <> NEW.name_key) EXECUTE FUNCTION new_name()"""
    yield """SELECT learn_name(name_key), count_name(name_key),
        place_name(name_key, id) FROM organisations WHERE id IN
        (SELECT organisation_id FROM certificate_projection)"""
    yield "SELECT learn_name(name_key) FROM listings"


def downgrade():
    raise NotImplementedError("restore a backup instead")
