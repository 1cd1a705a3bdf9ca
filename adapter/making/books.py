"""What documents are assembled from beside their lines: settings, records and the cut-off."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.reading.settings import Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.money import CurrencyRule, canonical
from adapter.values.project_operations import Company, Contract, Currency


class Books(Struct, frozen=True, kw_only=True):
    """All records by environment, and the last day that may be billed."""

    settings: Settings
    as_of: date
    records: Mapping[str, Records]
    finance: Mapping[str, Records] = {}
    models: Mapping[str, str] = {}  # company -> deployment model; empty: not asked
    names_taken: frozenset[str] = frozenset()  # names of documents that were sent before

    def records_of(self, environment: str) -> Records:
        """The rows of one Dataverse environment."""
        return self.records.get(environment, NO_RECORDS)

    def finance_of(self, environment: str) -> Records:
        """The Finance reference rows beside an environment; empty where there are none."""
        return self.finance.get(environment, NO_RECORDS)

    def company_of(self, environment: str, contract: Contract | None) -> str:
        """Code of the company that owns a contract; the only company of an environment else."""
        owner = contract.company if contract is not None else None
        company = self.records_of(environment).one(Company, owner)
        if company is not None and company.code:
            return company.code.upper()
        here = [c for c, s in self.settings.companies.items() if s.environment == environment]
        return here[0] if len(here) == 1 else ""

    def currency_code(self, environment: str, key: str | None) -> str:
        """ISO code of a currency; its key where the currency was not read."""
        currency = self.records_of(environment).one(Currency, key)
        return (currency.code if currency is not None else None) or key or ""

    def rule_of(self, environment: str, code: str) -> CurrencyRule:
        """How a currency is rounded: the workspace's word, else the decimals the CRM records."""
        found = self.records_of(environment).where(Currency, "code", code)
        if code in self.settings.rounding or not found or found[0].decimals is None:
            return self.settings.currency_rule(code)
        return CurrencyRule(found[0].decimals)

    def canonical(self, environment: str, code: str, amount: Decimal) -> Decimal:
        """An amount at the decimals of its currency; more only for digits that are there."""
        return canonical(amount, self.rule_of(environment, code).decimals)

    def currency_id(self, environment: str, code: str) -> str | None:
        """Key of the currency with an ISO code; None where it was not read."""
        found = self.records_of(environment).where(Currency, "code", code)
        return found[0].id if found else None
