"""What the terms of a company and of an environment may be: words, currencies, numbers."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from adapter.values.alike import alike_in_any_case, did_you_mean
from adapter.values.finding import Place, shown

if TYPE_CHECKING:
    from adapter.reading.settings import CompanySetting, EnvironmentSetting

FILES = "files"  # documents leave as files, which somebody imports
DELIVERIES = ("validate-only", FILES, "odata", "dataverse")
STOCK_POLICIES = ("restrict", "confirm")
PERIOD_UNITS = ("days", "months", "years", "all")  # domain R-160; Finance writes Days, Months ...
LINES_PER_HEADER_MIN = 1
_CURRENCY = re.compile("[A-Z]{3}")

Fault = Callable[[str, Place, str], None]


def is_zone(name: str) -> bool:
    """Whether a time zone has this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def period_unit_word(said: str | None) -> str | None:
    """The period unit in our spelling: `Days`, as Finance writes it, is `days`."""
    folded = (said or "").casefold()
    return folded if folded in PERIOD_UNITS else said


def check_company(company: "CompanySetting", place: Place, fault: Fault) -> None:
    """Tell `fault` of terms of a company that cannot be."""
    who = f"company {company.code}"
    if company.delivery not in DELIVERIES:
        fault(f"{who} cannot deliver by `{shown(company.delivery)}`", place,
              "it may be: " + ", ".join(DELIVERIES))  # fmt: skip
    _check_zone(who, company.time_zone, place, fault)
    if company.period_unit is not None and company.period_unit not in PERIOD_UNITS:
        fault(f"{who} has no period unit `{shown(company.period_unit)}`", place,
              "it may be: " + ", ".join(PERIOD_UNITS))  # fmt: skip
    lines = company.lines_per_header
    if lines is not None and lines < LINES_PER_HEADER_MIN:
        fault(f"{who} cannot have {lines} lines per header", place,
              f"at least {LINES_PER_HEADER_MIN}; leave it out for Finance's own limit")
    _check_currency(who, company.currency, place, fault)


def check_environment(environment: "EnvironmentSetting", place: Place, fault: Fault) -> None:
    """Tell `fault` of terms of an environment that cannot be."""
    who = f"environment {environment.name}"
    if environment.stock_policy not in STOCK_POLICIES:
        fault(f"{who} has no stock policy `{shown(environment.stock_policy)}`", place,
              "it may be: " + ", ".join(STOCK_POLICIES))  # fmt: skip
    for zone in environment.time_zones.values():
        _check_zone(who, zone, place, fault)
    threshold = environment.background_approval_threshold
    if threshold < 0:
        fault(f"{who} cannot have a background approval threshold of {threshold}", place,
              "a number of lines: 0 or more")  # fmt: skip
    _check_currency(who, environment.base_currency, place, fault)


def check_lives_in(
    company: "CompanySetting", understood: Iterable[str], declared: Iterable[str], place: Place,
    fault: Fault,
) -> None:  # fmt: skip
    """Tell `fault` of a company whose environment nobody declared. One that was declared and
    not understood is a finding of its own.
    """
    known = sorted({*understood, *declared})
    if company.environment in known:
        return
    near = alike_in_any_case(company.environment, known)
    meant = f"did you mean `{near[0]}`? " if near else ""
    fault(f"company {company.code} names the environment `{shown(company.environment)}`", place,
          meant + "declared: " + ", ".join(known))  # fmt: skip


def _check_zone(who: str, zone: str, place: Place, fault: Fault) -> None:
    if not is_zone(zone):
        near = did_you_mean(alike_in_any_case(zone, available_timezones()))
        fault(f"{who} has no known time zone `{shown(zone)}`", place,
              near or "use a name such as America/Chicago")  # fmt: skip


def _check_currency(who: str, code: str | None, place: Place, fault: Fault) -> None:
    if code is not None and not _CURRENCY.fullmatch(code):
        fault(f"{who} has no known currency `{shown(code)}`", place,
              "use an ISO code of three capital letters, such as CAD")  # fmt: skip
