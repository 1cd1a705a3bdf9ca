"""Runs migrations on the connection that `opening` holds; there is no other way in."""

from alembic import context

from adapter.edge.ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
context.run_migrations()
