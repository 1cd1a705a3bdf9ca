"""Rows that the vendor writes between a work order line and an actual.

Estimate lines while work is planned, and journals whose lines price submitted usage before
it is approved. The text after each type is the description and, behind `|`, an example;
which column fills a field is decided in `mappings/from-dataverse/*.toml`, not here.
"""

from typing import Annotated as A

from adapter.values.record import Day, Flag, Instant, Link, Number, Record, Text, Whole


class EstimateLine(Record, frozen=True, kw_only=True, gc=False):
    """One context, cost or sales, of a planned quantity (`msdyn_estimateline`)."""

    description: A[Text, "what is planned | Filter cartridge"] = None
    transaction_type: A[Text, "cost or unbilled-sales | cost"] = None
    transaction_class: A[Text, "time, expense, material ... | material"] = None
    billing_type: A[
        Text, "chargeable, non-chargeable, complimentary, not-available | chargeable"
    ] = None
    quantity: A[Number, "planned quantity in `unit` | 4"] = None
    price: A[Number, "price or cost of one unit | 125.00"] = None
    amount: A[Number, "quantity times price | 500.00"] = None
    currency: A[Link, "currency of price and amount"] = None
    unit: A[Link, "unit of measure"] = None
    product: A[Link, "product or service"] = None
    write_in_product: A[Text, "product not in the catalogue | Sealant"] = None
    project: A[Link, "project"] = None
    task: A[Link, "project task"] = None
    price_list: A[Link, "price list the price came from"] = None
    origin: A[Link, "the estimate line of the other context"] = None
    document_date: A[Day, "date of the estimate | 2026-11-02"] = None
    started_at: A[Instant, "planned start, UTC | 2026-11-02T08:00:00Z"] = None
    work_order: A[Link, "work order"] = None
    line: A[Link, "work order line"] = None
    site: A[Link, "site"] = None
    warehouse: A[Link, "warehouse"] = None
    status: A[Text, "active or inactive | active"] = None
    modified_on: A[Instant, "when it was last changed, UTC | 2026-11-02T09:00:00Z"] = None
    version: A[Whole, "row version | 4711"] = None


class ProjectJournal(Record, frozen=True, kw_only=True, gc=False):
    """A journal of prices before approval, of entries or of corrections (`msdyn_journal`)."""

    description: A[Text, "what it is for | Material usage of WO-00912"] = None
    journal_type: A[Text, "entry, time-correction, expense-correction | entry"] = None
    project: A[Link, "project"] = None
    day: A[Day, "date of the journal | 2026-11-14"] = None
    is_posted: A[Flag, "it was confirmed and can no longer be edited | no"] = None
    status: A[Text, "active or inactive | active"] = None
    version: A[Whole, "row version | 4711"] = None


class ProjectJournalLine(Record, frozen=True, kw_only=True, gc=False):
    """What a submitted usage would cost or sell for (`msdyn_journalline`)."""

    description: A[Text, "what was used | Filter cartridge"] = None
    journal: A[Link, "journal"] = None
    transaction_type: A[Text, "cost or unbilled-sales | cost"] = None
    transaction_class: A[Text, "time, expense, material ... | material"] = None
    billing_type: A[
        Text, "chargeable, non-chargeable, complimentary, not-available | chargeable"
    ] = None
    billing_status: A[Text, "where billing stands | canceled"] = None
    quantity: A[Number, "quantity in `unit` | 4"] = None
    price: A[Number, "price or cost of one unit | 125.00"] = None
    amount: A[Number, "quantity times price, before discount | 500.00"] = None
    discount_percent: A[Number, "discount in percent of the amount | 15"] = None
    discount_amount: A[Number, "discount taken from the amount | 17.99"] = None
    currency: A[Link, "currency of price and amount"] = None
    unit: A[Link, "unit of measure"] = None
    product: A[Link, "product or service"] = None
    write_in_product: A[Text, "product not in the catalogue | Sealant"] = None
    project: A[Link, "project"] = None
    task: A[Link, "project task"] = None
    contract: A[Link, "project contract"] = None
    contract_line: A[Link, "project contract line"] = None
    contract_customer: A[Link, "contract line customer (split billing rule)"] = None
    resource: A[Link, "bookable resource"] = None
    price_list: A[Link, "price list the price came from"] = None
    document_date: A[Day, "date of the document | 2026-11-14"] = None
    started_at: A[Instant, "transaction date, UTC | 2026-11-14T15:00:00Z"] = None
    is_posted: A[Flag, "an actual was made of it | no"] = None
    usage: A[Link, "material usage log that was submitted"] = None
    work_order: A[Link, "work order"] = None
    line: A[Link, "work order line"] = None
    site: A[Link, "site"] = None
    warehouse: A[Link, "warehouse"] = None
    batch_number: A[Text, "batch number | B-2026-118"] = None
    serial_number: A[Text, "serial number | SN-0001"] = None
    status: A[Text, "active or inactive | active"] = None
    version: A[Whole, "row version | 4711"] = None
