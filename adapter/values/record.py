"""What every record shares: a key, and the few kinds of field.

Every field may be missing (`None`) except `id`. Amounts are `Decimal` in the record's
currency, quantities in the record's unit, instants are UTC, dates are as written.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated as A

from msgspec import Struct

Text = str | None
Flag = bool | None
Number = Decimal | None
Whole = int | None
Day = date | None
Instant = datetime | None
Link = str | None  # the id of another record


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """Any row that came in; `id` is the key of its table."""

    id: A[str, "key of the record | 5f2c8a10-0000-4000-8000-000000000001"]
