"""Run by Alembic; the archive passes its open connection in the configuration's attributes."""

from alembic import context

from retrieval.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
