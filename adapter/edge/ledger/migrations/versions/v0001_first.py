"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    if default is None:
        return sa.Column(name, sa.Text, nullable=False)
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """Make them."""
    op.create_table("meta", _id("name"), _text("value", None),
                    sa.PrimaryKeyConstraint("name", name="pk_meta"))  # fmt: skip
    op.create_table(
        "plan", _id("id"), _text("as_of"), _text("headline"), _text("inputs", "{}"),
        _count("noted"), _count("entered"), sa.PrimaryKeyConstraint("id", name="pk_plan"),
    )  # fmt: skip
    op.create_table(
        "decision", _id("plan"), _id("actual"), _text("status"), _text("ledger_rule"),
        _text("billing_rule"), _text("findings"),
        sa.PrimaryKeyConstraint("plan", "actual", name="pk_decision"),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name="fk_decision_plan"),
    )  # fmt: skip
    op.create_table(
        "batch", _id("id"), _id("plan"), _text("kind"), _text("name"), _text("company"),
        _text("environment"), _text("system"), _text("delivery"), _text("lane", None),
        _count("seq"), _text("state", "open"), _count("fence"), _text("holder"),
        _count("lease_until"), _count("next_at"), _whole("attempts"), _text("because"),
        _count("entered"), _count("finished"), sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name="fk_batch_plan"),
    )  # fmt: skip
    _partial("ix_batch_open", "batch", ["lane", "seq"], "state = 'open'")
    op.create_table(
        "step", _id("key"), _id("batch"), _whole("number"), _text("part"), _text("entity"),
        _text("keys", "{}"), _text("body"), _text("digest"), _text("links", "{}"),
        _text("source"), _text("actual"), _text("company"), _text("currency"), _text("type"),
        _text("klass"), _text("day"), _text("amount"), _text("state", "planned"),
        _text("reference"), _text("answer", "{}"), _text("code"), _text("message"),
        _text("parked"), _count("parked_at"), _count("fence"), _count("intended"),
        _count("sent"), _count("settled"), _whole("withdrawn"),
        sa.PrimaryKeyConstraint("key", name="pk_step"),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name="fk_step_batch"),
    )  # fmt: skip
    op.create_index("ix_step_batch", "step", ["batch", "number"])
    _partial("ix_step_open", "step", ["state"], "state IN ('intended', 'unknown')")
    _partial("ix_step_parked", "step", ["parked_at"], "parked <> ''")
    op.create_index("ix_step_actual", "step", ["actual"])
    op.create_table("gate", _id("name"), _count("open_at"),
                    sa.PrimaryKeyConstraint("name", name="pk_gate"))  # fmt: skip
    op.create_table(
        "pause", _id("scope"), _text("because"), _text("who"), _count("at"),
        sa.PrimaryKeyConstraint("scope", name="pk_pause"),
    )  # fmt: skip
    op.create_table(
        "inbox", _id("environment"), _id("name"), _id("id"), _text("version"),
        sa.Column("body", sa.Text), _count("seen"), _count("seen_again"),
        sa.PrimaryKeyConstraint("environment", "name", "id", name="pk_inbox"),
    )  # fmt: skip
    op.create_table(
        "cursor", _id("environment"), _id("name"), _text("link"), _count("at"),
        sa.PrimaryKeyConstraint("environment", "name", name="pk_cursor"),
    )  # fmt: skip
    seq = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit", sa.Column("seq", seq, nullable=False, autoincrement=False), _count("at"),
        _text("who"), _text("event"), _text("subject"), _text("detail", "{}"),
        _text("digest", None), sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )  # fmt: skip


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where),
                    postgresql_where=sa.text(where))  # fmt: skip
