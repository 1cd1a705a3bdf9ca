"""Importing this module registers every computed fact."""

from adapter.deciding import facts_basic, facts_billing, facts_inventory, facts_journal

MODULES = (facts_basic, facts_billing, facts_inventory, facts_journal)
