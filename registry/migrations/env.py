"""How alembic reaches the database: the engine it was given."""

from alembic import context

OURS = ("organisation_search",)  # the search tables or index, made by hand


def include(object_, name, type_, reflected, compare_to):
    return not (type_ in {"table", "index"} and (name or "").startswith(OURS))


config = context.config
with config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=config.attributes.get("metadata"),
        render_as_batch=True,
        transactional_ddl=True,
        include_object=include,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
