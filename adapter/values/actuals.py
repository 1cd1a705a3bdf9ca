"""Actuals and what surrounds them: approvals and transaction connections.

The text after each type is the description and, behind `|`, an example; the catalogue of
facts (`fieldledger facts`) is made from them. Which column fills a field is decided in
`mappings/from-dataverse/*.toml`, not here.
"""

from typing import Annotated as A

from adapter.values.record import Day, Flag, Instant, Link, Number, Record, Text, Whole


class Actual(Record, frozen=True, kw_only=True, gc=False):
    """Approved work or material as a financial fact (`msdyn_actual`)."""

    description: A[Text, "what was used or done | Filter cartridge"] = None
    transaction_type: A[Text, "cost, unbilled-sales, billed-sales ... | unbilled-sales"] = None
    transaction_class: A[Text, "time, expense, material, milestone, fee, retainer | material"] = (
        None
    )
    billing_type: A[
        Text, "chargeable, non-chargeable, complimentary, not-available | chargeable"
    ] = None
    billing_status: A[Text, "where billing stands | ready-to-invoice"] = None
    adjustment_status: A[
        Text, "in-process, adjusted, unadjustable; none if never adjusted | adjusted"
    ] = None
    amount_method: A[Text, "how the amount was computed | quantity-times-price"] = None
    quantity: A[Number, "signed quantity in `unit` | 2.00"] = None
    price: A[Number, "price or cost of one unit | 75.05"] = None
    amount: A[Number, "signed amount before discount and tax | 150.10"] = None
    discount_percent: A[Number, "discount in percent of the amount | 15"] = None
    discount_amount: A[Number, "discount taken from the amount | 17.99"] = None
    fee_amount: A[Number, "fee added to the amount | 0.00"] = None
    tax: A[Number, "tax as recorded by the CRM | 0.00"] = None
    quantity_used: A[Number, "quantity used, where it differs from the billed one | 10.00"] = None
    unit: A[Link, "unit of measure"] = None
    product: A[Link, "product used"] = None
    write_in_product: A[Text, "name of a product that is not in the catalogue | Sealant"] = None
    project: A[Link, "project"] = None
    task: A[Link, "project task"] = None
    contract: A[Link, "project contract"] = None
    contract_line: A[Link, "project contract line"] = None
    contract_customer: A[Link, "contract line customer (split billing rule)"] = None
    customer: A[Link, "account that is billed"] = None
    resource: A[Link, "bookable resource that worked or used the part"] = None
    role: A[Link, "resource role"] = None
    category: A[Link, "transaction category"] = None
    currency: A[Link, "currency of price and amount"] = None
    exchange_rate: A[Number, "rate to the base currency | 1.0"] = None
    document_date: A[Day, "date of the document | 2026-11-14"] = None
    started_at: A[Instant, "transaction date as an instant, UTC | 2026-11-14T15:00:00Z"] = None
    accounting_date: A[Day, "ledger date if the CRM set one | 2026-11-14"] = None
    invoice: A[Link, "proforma invoice that carries this actual"] = None
    skip_sync: A[Flag, "the CRM asks not to send it to Finance | no"] = None
    nte_status: A[Text, "committed, failed, not-applicable, not-evaluated | committed"] = None
    is_journalized: A[Flag, "Finance already made a journal line | no"] = None
    price_list: A[Link, "price list the price came from"] = None
    work_order: A[Link, "work order"] = None
    line: A[Link, "work order product or service that was used"] = None
    usage: A[Link, "material usage log that was approved"] = None
    agreement: A[Link, "agreement"] = None
    site: A[Link, "site of the stock"] = None
    warehouse: A[Link, "warehouse of the stock"] = None
    location: A[Text, "location in the warehouse | 01-A-02"] = None
    batch_number: A[Text, "batch number | B-2026-118"] = None
    serial_number: A[Text, "serial number | SN-0001"] = None
    resourcing_company: A[Link, "company that lends the resource"] = None
    is_intercompany: A[Flag, "the intercompany part of a set | no"] = None
    origin: A[
        Text,
        "what created it: usage, time, expense, vendor-invoice, packing-slip, general-journal, "
        "entry-journal, invoice-edit, invoice-confirmation, correction | usage",
    ] = None
    is_correction: A[Flag, "created by a correction | no"] = None
    voucher: A[Text, "voucher written back by Finance | USPM-000041"] = None
    adjustment_value: A[Number, "cost difference written back by Finance | 52.35"] = None
    production_order: A[Text, "production order it refers to | P-000077"] = None
    created_on: A[Instant, "when the actual was created, UTC | 2026-11-14T18:00:00Z"] = None
    status: A[Text, "active or inactive | active"] = None
    version: A[Whole, "row version | 4711"] = None


class Approval(Record, frozen=True, kw_only=True, gc=False):
    """A project approval (`msdyn_projectapproval`)."""

    entry_type: A[Text, "time, expense or material | material"] = None
    stage: A[Text, "submitted, rejected, approved, pending, recall-requested ... | approved"] = None
    approved_on: A[Instant, "when it was approved, UTC | 2026-11-14T18:00:00Z"] = None
    approved_by: A[Link, "user that approved"] = None
    billing_type: A[Text, "billing type chosen by the approver | chargeable"] = None
    quantity: A[Number, "quantity approved | 4"] = None
    billable_quantity: A[Number, "quantity to bill | 4"] = None
    project: A[Link, "project"] = None
    usage: A[Link, "material usage log"] = None
    is_automatic: A[Flag, "approved by the automatic approval of Field Service | yes"] = None


class Connection(Record, frozen=True, kw_only=True, gc=False):
    """A pair of transactions with roles (`msdyn_transactionconnection`)."""

    first: A[Text, "id of the first transaction"] = None
    first_role: A[Text, "its role | Cost"] = None
    first_type: A[Text, "its table | msdyn_actual"] = None
    second: A[Text, "id of the second transaction"] = None
    second_role: A[Text, "its role | Unbilled Sales"] = None
    second_type: A[Text, "its table | msdyn_actual"] = None


class TransactionOrigin(Record, frozen=True, kw_only=True, gc=False):
    """One source record of a transaction (`msdyn_transactionorigin`)."""

    origin: A[Text, "id of the source record"] = None
    origin_type: A[
        Text, "time, expense, usage, vendor-invoice, journal-line, invoice | time"
    ] = None
    transaction: A[Text, "id of the transaction that it led to"] = None
    transaction_type: A[Text, "its table | msdyn_actual"] = None
