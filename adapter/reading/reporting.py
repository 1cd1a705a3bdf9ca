"""[reporting]: the one currency that stories may be summed up in, at rates that a person states."""

from decimal import Decimal

from msgspec import Struct

from adapter.reading.connect import Fault
from adapter.values.finding import Place, shown

CODE_LENGTH = 3


class ReportingSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reporting currency and rates: how much of it one unit of another currency is worth."""

    currency: str = ""
    rates: dict[str, Decimal] = {}
    on: str = ""  # where the rates come from; shown beside every sum that uses them


def check_reporting(said: ReportingSetting, place: Place, fault: Fault) -> None:
    """Findings about [reporting]."""
    if not said.currency and said.rates:
        fault("[reporting] has rates but no `currency`", place, 'write currency = "USD"')
    for code in filter(None, (said.currency, *said.rates)):
        if len(code) != CODE_LENGTH or not code.isascii() or not code.isupper():
            fault(f"[reporting] names the currency `{shown(code)}`", place, "write USD, EUR, ...")
    for code, rate in said.rates.items():
        if not rate.is_finite() or rate <= 0:
            fault(f"the rate of {shown(code)} in [reporting] is {rate}", place,
                  "a rate is above zero: what one unit is worth in the reporting currency")
