"""Tables of the ledger. Amounts and rows are text, instants whole milliseconds since 1970 UTC."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnClause,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    literal_column,
    text,
)

METADATA = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
                       "fk": "fk_%(table_name)s_%(column_0_name)s"}
)  # fmt: skip


def _text(name: str, default: str | None = "") -> Column[str]:
    if default is None:
        return Column(name, Text, nullable=False)
    return Column(name, Text, nullable=False, server_default=default)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


META = Table("meta", METADATA, Column("name", Text, primary_key=True), _text("value", None))

PLAN = Table(
    "plan", METADATA,
    Column("id", Text, primary_key=True), _text("as_of"), _text("headline"),
    _text("inputs", "{}"), _count("noted"), _count("entered"),
)  # fmt: skip

DECISION = Table(
    "decision", METADATA,
    Column("plan", Text, ForeignKey("plan.id"), primary_key=True),
    Column("actual", Text, primary_key=True),
    _text("status"), _text("ledger_rule"), _text("billing_rule"), _text("findings"),
)  # fmt: skip

BATCH = Table(
    "batch", METADATA,
    Column("id", Text, primary_key=True),
    Column("plan", Text, ForeignKey("plan.id"), nullable=False),
    _text("kind"), _text("name"), _text("company"), _text("environment"), _text("system"),
    _text("delivery"), _text("lane", None), _count("seq"),
    _text("state", "open"),  # open, expected (validate only), done
    _count("fence"), _text("holder"), _count("lease_until"), _count("next_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _text("because"), _count("entered"), _count("finished"),
)  # fmt: skip
# A partial index is used only where its condition stands in the statement, not in a parameter.
OPEN: ColumnClause[str] = literal_column("'open'")
Index("ix_batch_open", BATCH.c.lane, BATCH.c.seq, sqlite_where=text("state = 'open'"),
      postgresql_where=text("state = 'open'"))  # fmt: skip

STEP = Table(
    "step", METADATA,
    Column("key", Text, primary_key=True),
    Column("batch", Text, ForeignKey("batch.id"), nullable=False),
    Column("number", Integer, nullable=False, server_default="0"),
    _text("part"), _text("entity"), _text("keys", "{}"), _text("body"), _text("digest"),
    _text("links", "{}"), _text("source"), _text("actual"), _text("company"),
    _text("currency"), _text("type"), _text("klass"), _text("day"), _text("amount"),
    _text("state", "planned"), _text("reference"), _text("answer", "{}"), _text("code"),
    _text("message"), _text("parked"), _count("parked_at"), _count("fence"), _count("intended"),
    _count("sent"), _count("settled"),
    Column("withdrawn", Integer, nullable=False, server_default="0"),
)  # fmt: skip
IS_DOUBTFUL = STEP.c.state.in_([literal_column("'intended'"), literal_column("'unknown'")])
IS_PARKED = STEP.c.parked != literal_column("''")
Index("ix_step_batch", STEP.c.batch, STEP.c.number)
Index("ix_step_open", STEP.c.state, sqlite_where=text("state IN ('intended', 'unknown')"),
      postgresql_where=text("state IN ('intended', 'unknown')"))  # fmt: skip
Index("ix_step_parked", STEP.c.parked_at, sqlite_where=text("parked <> ''"),
      postgresql_where=text("parked <> ''"))  # fmt: skip
Index("ix_step_actual", STEP.c.actual)

GATE = Table("gate", METADATA, Column("name", Text, primary_key=True), _count("open_at"))

PAUSE = Table(
    "pause", METADATA,
    Column("scope", Text, primary_key=True), _text("because"), _text("who"), _count("at"),
)  # fmt: skip

INBOX = Table(
    "inbox", METADATA,
    Column("environment", Text, primary_key=True), Column("name", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    _text("version"), Column("body", Text), _count("seen"), _count("seen_again"), _count("known"),
)  # fmt: skip

CURSOR = Table(
    "cursor", METADATA,
    Column("environment", Text, primary_key=True), Column("name", Text, primary_key=True),
    _text("link"), _count("at"),
)  # fmt: skip

AUDIT = Table(
    "audit", METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True,
           autoincrement=False),
    _count("at"), _text("who"), _text("event"), _text("subject"), _text("detail", "{}"),
    _text("digest", None),
)  # fmt: skip
