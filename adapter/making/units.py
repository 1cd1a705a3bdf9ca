"""Quantities from one unit into another: only where the target's unit differs, factor shown.

A price of material is never converted (domain R-069); a quantity is, and a price of a role
is, because time has fixed units. Ratios are exact: nothing is rounded here.
"""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from adapter.reading.store import Records
from adapter.values.codes import CODES
from adapter.values.field_service import Unit
from adapter.values.finding import Finding, Place, shown
from adapter.values.money import ZERO, decimal_of
from adapter.values.prices import UnitConversion

STEPS_MAX = 20  # units made of units made of units; more is a circle


class Converted(Struct, frozen=True, kw_only=True):
    """A quantity in the unit that was asked for, and by which factor it came there.

    `quantity` is exact where its decimals end (`is_exact`), else shown with 28 digits.
    `factor` is how many target units one source unit holds. With a finding both are None.
    """

    quantity: Decimal | None
    factor: Decimal | None
    is_exact: bool = True
    said: str = ""
    findings: tuple[Finding, ...] = ()


class Measured(Struct, frozen=True):
    """A unit told in the base unit of its group."""

    group: str
    base: str | None
    factor: Fraction


def converted(
    quantity: Decimal, from_unit: str | None, to_unit: str | None, records: Records
) -> Converted:
    """`quantity` of `from_unit` in `to_unit` (ids of units); the same number if they are one.

    By the unit group first, then by a conversion between units of different groups. Without
    either, and with one that adds an offset, it is PRC707: nothing is guessed.
    """
    names = (unit_name(from_unit, records), unit_name(to_unit, records))
    factor = factor_between(from_unit, to_unit, records)
    if factor is None:
        return Converted(quantity=None, factor=None, findings=(_not_converted(names, from_unit),))
    exact = Fraction(quantity) * factor
    result = quantity if factor == 1 else decimal_of(exact)
    said = "" if factor == 1 else f"1 {names[0]} = {short(decimal_of(factor))} {names[1]}"
    return Converted(
        quantity=result,
        factor=decimal_of(factor),
        is_exact=Fraction(result) == exact,
        said=said,
    )


def factor_between(
    from_unit: str | None, to_unit: str | None, records: Records
) -> Fraction | None:
    """How many `to_unit` one `from_unit` holds; None where no row says it."""
    if from_unit is None or to_unit is None:
        return None
    if from_unit == to_unit:
        return Fraction(1)
    given, wanted = measured(from_unit, records), measured(to_unit, records)
    if given is not None and wanted is not None and given.group == wanted.group:
        return given.factor / wanted.factor
    there = _stated(from_unit, to_unit, records)
    back = _stated(to_unit, from_unit, records) if there is None else None
    return there if back is None else 1 / back


def measured(unit: str | None, records: Records) -> Measured | None:
    """A unit in the base unit of its group; None where it was not read or goes in circles.

    A unit is made of its base, which may be made of another; a unit without one is measured
    in the base of its group.
    """
    row = records.one(Unit, unit)
    factor, steps = Fraction(1), 0
    while row is not None and steps < STEPS_MAX:
        own = Fraction(1) if row.factor is None else Fraction(row.factor)
        if own <= 0:
            return None
        factor *= own
        if row.base is None or row.base == row.id:
            return Measured(row.group or row.id, row.id if own == 1 else None, factor)
        row, steps = records.one(Unit, row.base), steps + 1
    return None


def unit_name(unit: str | None, records: Records) -> str:
    """What people call a unit; its id where it was not read, `(none)` for none."""
    row = records.one(Unit, unit)
    return shown(unit if row is None or row.name is None else row.name)


def short(value: Decimal) -> str:
    """A number to read: without needless zeros, four decimals where it has no end."""
    digits = -int(value.as_tuple().exponent) if value.is_finite() else 0
    if digits <= 10:
        return f"{value:f}"
    return f"about {value:.4f}"


def _stated(from_unit: str, to_unit: str, records: Records) -> Fraction | None:
    for row in records.where(UnitConversion, "from_unit", from_unit):
        if row.to_unit != to_unit or row.inner_offset or row.outer_offset:
            continue
        parts = (row.factor, row.numerator, row.denominator)
        factor, top, bottom = (Fraction(1 if part is None else part) for part in parts)
        if factor > ZERO and top > ZERO and bottom > ZERO:
            return factor * top / bottom
    return None


def _not_converted(names: tuple[str, str], record: str | None) -> Finding:
    return Finding(
        code="PRC707",
        level=CODES["PRC707"].level,
        message=f"{names[0]} cannot be converted to {names[1]}: no row says how",
        place=Place(record or "uom"),
        help="Enter both units in one unit group, or a unit conversion between them.",
        record=record or "",
        values=(("from", names[0]), ("to", names[1])),
        source="domain R-069",
    )
