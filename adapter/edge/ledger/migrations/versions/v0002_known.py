"""Whether a row that was read for the first time stood in the records as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Rows that were read before count as not known: they are older than what is entered now."""
    op.add_column("inbox", sa.Column("known", sa.BigInteger, nullable=False, server_default="0"))
