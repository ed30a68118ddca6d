"""What alembic asks for before it migrates: the caller's connection, whose transaction is left open."""

from __future__ import annotations

from alembic import context

from lstm_pipeline.registry.tables import HISTORY

context.configure(connection=context.config.attributes["connection"], version_table=HISTORY)
with context.begin_transaction():
    context.run_migrations()
