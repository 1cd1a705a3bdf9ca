"""Importing this module registers every computed fact."""

from adapter.deciding import (
    facts_basic,
    facts_billing,
    facts_contract,
    facts_fee,
    facts_header,
    facts_inventory,
    facts_journal,
    facts_line,
)

MODULES = (
    facts_basic, facts_billing, facts_contract, facts_fee, facts_header, facts_inventory,
    facts_journal, facts_line,
)  # fmt: skip
