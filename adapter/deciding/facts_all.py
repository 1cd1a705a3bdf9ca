"""Importing this module registers every computed fact."""

from adapter.deciding import facts_basic

MODULES = (facts_basic,)
