"""Field service records: work orders, their lines, usage, stock.

The text after each type is the description and, behind `|`, an example; the catalogue of
facts (`fieldledger facts`) is made from them. Which column fills a field is decided in
`mappings/from-dataverse/*.toml`, not here.
"""

from typing import Annotated as A

from adapter.values.record import Day, Flag, Instant, Link, Number, Record, Text, Whole


class WorkOrder(Record, frozen=True, kw_only=True, gc=False):
    """A field service job (`msdyn_workorder`)."""

    number: A[Text, "number people say | WO-00912"] = None
    system_status: A[
        Text, "unscheduled, scheduled, in-progress, completed, posted, canceled | completed"
    ] = None
    service_account: A[Link, "account that is served"] = None
    billing_account: A[Link, "account that is billed"] = None
    work_order_type: A[Link, "work order type"] = None
    price_list: A[Link, "price list"] = None
    taxable: A[Flag, "taxable | yes"] = None
    currency: A[Link, "currency"] = None
    project: A[Link, "project it is linked to"] = None
    task: A[Link, "project task it is linked to"] = None
    project_linked_on: A[Instant, "when the project was linked, UTC | 2026-11-02T09:00:00Z"] = None
    agreement: A[Link, "agreement that generated it"] = None
    nte_price: A[Number, "Field Service not-to-exceed price; warns only | 500.00"] = None
    nte_cost: A[Number, "Field Service not-to-exceed cost; warns only | 300.00"] = None
    subtotal: A[Number, "sum of its lines' prices | 420.00"] = None
    summary: A[Text, "what the job is about | Replace pump"] = None
    completed_on: A[Instant, "when it was completed, UTC | 2026-11-14T16:00:00Z"] = None
    closed_on: A[Instant, "when it was posted, UTC | 2026-11-15T09:00:00Z"] = None
    status: A[Text, "active or inactive | active"] = None


class WorkOrderLine(Record, frozen=True, kw_only=True, gc=False):
    """A work order product or service (`msdyn_workorderproduct`, `msdyn_workorderservice`)."""

    name: A[Text, "name of the line | Filter cartridge"] = None
    kind: A[Text, "product or service | product"] = None
    line_status: A[Text, "estimated or used | used"] = None
    work_order: A[Link, "work order"] = None
    product: A[Link, "product or service"] = None
    unit: A[Link, "unit"] = None
    price_list: A[Link, "price list"] = None
    warehouse: A[Link, "warehouse (products)"] = None
    quantity: A[Number, "quantity used | 4"] = None
    quantity_to_bill: A[Number, "quantity to bill | 4"] = None
    estimate_quantity: A[Number, "estimated quantity | 4"] = None
    duration: A[Whole, "minutes worked (services) | 90"] = None
    duration_to_bill: A[Whole, "minutes to bill (services) | 90"] = None
    estimate_duration: A[Whole, "estimated minutes (services) | 90"] = None
    unit_price: A[Number, "price of one unit | 125.00"] = None
    calculated_unit_price: A[
        Number, "price of one unit with the minimum charge (services) | 190.00"
    ] = None
    unit_cost: A[Number, "cost of one unit | 80.00"] = None
    discount_percent: A[Number, "discount in percent | 15"] = None
    discount_amount: A[Number, "discount as an amount | 18.00"] = None
    estimate_discount_percent: A[Number, "estimated discount in percent | 0"] = None
    estimate_discount_amount: A[Number, "estimated discount amount | 0"] = None
    additional_cost: A[Number, "additional cost | 0"] = None
    commission: A[Number, "commission cost | 0"] = None
    taxable: A[Flag, "taxable | yes"] = None
    allocated: A[Flag, "stock is allocated | no"] = None
    serial_number: A[Text, "serial number | SN-0001"] = None
    batch_number: A[Text, "batch number | B-2026-118"] = None
    site: A[Link, "site"] = None
    currency: A[Link, "currency"] = None
    status: A[Text, "active or inactive | active"] = None
    modified_on: A[Instant, "when it was last changed, UTC | 2026-11-14T15:00:00Z"] = None
    version: A[Whole, "row version | 4711"] = None


class Usage(Record, frozen=True, kw_only=True, gc=False):
    """A material usage log (`msdyn_materialusagelog`)."""

    used_at: A[Instant, "transaction date, UTC | 2026-11-14T15:00:00Z"] = None
    product: A[Link, "product"] = None
    write_in_product: A[Text, "product not in the catalogue | Sealant"] = None
    quantity: A[Number, "quantity used | 4"] = None
    quantity_to_bill: A[Number, "quantity to bill | 4"] = None
    unit: A[Link, "unit"] = None
    unit_cost: A[Number, "cost of one unit | 80.00"] = None
    project: A[Link, "project"] = None
    task: A[Link, "task"] = None
    resource: A[Link, "resource"] = None
    usage_status: A[Text, "draft, submitted, approved, rejected, recalled | approved"] = None
    work_order: A[Link, "work order"] = None
    line: A[Link, "work order line"] = None
    site: A[Link, "site"] = None
    warehouse: A[Link, "warehouse"] = None
    location: A[Text, "location | 01-A-02"] = None
    batch_number: A[Text, "batch number | B-2026-118"] = None
    serial_number: A[Text, "serial number | SN-0001"] = None
    is_return: A[Flag, "a return to stock, not an issue | no"] = None
    created_offline: A[Flag, "recorded offline and synchronised later | no"] = None
    status: A[Text, "active or inactive | active"] = None
    unit_price: A[Number, "price of one unit | 125.00"] = None
    discount_percent: A[Number, "discount in percent | 15"] = None
    agreement: A[Link, "agreement"] = None
    modified_on: A[Instant, "when it was last changed, UTC | 2026-11-14T15:00:00Z"] = None
    version: A[Whole, "row version | 4711"] = None


class TimeEntry(Record, frozen=True, kw_only=True, gc=False):
    """A time entry (`msdyn_timeentry`)."""

    work_order: A[Link, "work order"] = None
    project: A[Link, "project"] = None
    task: A[Link, "task"] = None
    resource: A[Link, "resource"] = None
    day: A[Day, "day worked | 2026-11-14"] = None
    duration: A[Whole, "minutes | 90"] = None
    role: A[Link, "role worked in"] = None
    resourcing_unit: A[Link, "resourcing unit"] = None
    category: A[Link, "transaction category"] = None
    entry_type: A[Text, "work, absence, vacation, overtime | work"] = None
    entry_status: A[Text, "draft, returned, approved, submitted ... | approved"] = None


class Agreement(Record, frozen=True, kw_only=True, gc=False):
    """An agreement that generates work orders (`msdyn_agreement`)."""

    number: A[Text, "number | AGR-0003"] = None
    system_status: A[Text, "estimate, active, expired, canceled | active"] = None
    project: A[Link, "project"] = None
    task: A[Link, "task"] = None
    billing_account: A[Link, "account that is billed"] = None


class Booking(Record, frozen=True, kw_only=True, gc=False):
    """A scheduled slot (`bookableresourcebooking`)."""

    work_order: A[Link, "work order"] = None
    resource: A[Link, "resource"] = None
    start: A[Instant, "start, UTC | 2026-11-14T08:00:00Z"] = None
    finish: A[Instant, "finish, UTC | 2026-11-14T10:00:00Z"] = None


class Product(Record, frozen=True, kw_only=True, gc=False):
    """A product or service of the catalogue (`product`)."""

    number: A[Text, "product number | D0011"] = None
    item_number: A[Text, "item number in Finance | D0011"] = None
    name: A[Text, "name | Filter cartridge"] = None
    product_type: A[Text, "inventory, non-inventory, service | inventory"] = None
    is_stocked: A[Flag, "stocked in Finance | yes"] = None
    unit: A[Link, "default unit"] = None
    category: A[Link, "transaction category"] = None
    company: A[Link, "company"] = None
    status: A[Text, "active, inactive, draft or retired | active"] = None


class Unit(Record, frozen=True, kw_only=True, gc=False):
    """A unit of measure (`uom`)."""

    name: A[Text, "name | ea"] = None
    symbol: A[Text, "symbol in Finance | ea"] = None
    group: A[Link, "unit group"] = None
    base: A[Link, "unit that it is made of"] = None
    factor: A[Number, "how many of that unit it holds | 12"] = None


class PriceList(Record, frozen=True, kw_only=True, gc=False):
    """A price list (`pricelevel`)."""

    name: A[Text, "name | Service sales 2026"] = None
    currency: A[Link, "currency"] = None
    start: A[Day, "first day | 2026-01-01"] = None
    finish: A[Day, "last day | 2026-12-31"] = None
    context: A[Text, "cost, purchase, sales | sales"] = None
    created_on: A[Instant, "when it was created, UTC | 2025-12-01T09:00:00Z"] = None


class PriceListItem(Record, frozen=True, kw_only=True, gc=False):
    """A price of a product (`productpricelevel`)."""

    price_list: A[Link, "price list"] = None
    product: A[Link, "product"] = None
    unit: A[Link, "unit"] = None
    amount: A[Number, "price or cost of one unit | 125.00"] = None
    method: A[Text, "currency-amount, percent-of-list ... | currency-amount"] = None
    project_method: A[Text, "price-per-unit, at-cost, markup | price-per-unit"] = None
    percent: A[Number, "mark-up in percent of the cost | 10"] = None


class Resource(Record, frozen=True, kw_only=True, gc=False):
    """A bookable resource (`bookableresource`)."""

    name: A[Text, "name of the person or thing | Tech 12"] = None
    company: A[Link, "company"] = None
    user: A[Link, "user"] = None
    warehouse: A[Link, "own warehouse, such as a truck"] = None
    is_generated: A[Flag, "created by Field Service because the technician had none | no"] = None


class Warehouse(Record, frozen=True, kw_only=True, gc=False):
    """A warehouse or truck (`msdyn_warehouse`)."""

    number: A[Text, "warehouse number | 11"] = None
    name: A[Text, "name | Main"] = None
    site: A[Link, "site"] = None
    company: A[Link, "company"] = None


class Site(Record, frozen=True, kw_only=True, gc=False):
    """A site (`msdyn_operationalsite`)."""

    number: A[Text, "site number | 1"] = None
    name: A[Text, "name | Site 1"] = None
    company: A[Link, "company"] = None


class ProductInventory(Record, frozen=True, kw_only=True, gc=False):
    """Field Service stock of a product in a warehouse (`msdyn_productinventory`)."""

    product: A[Link, "product"] = None
    warehouse: A[Link, "warehouse"] = None
    quantity_available: A[Number, "available | 6"] = None
    quantity_on_hand: A[Number, "available and allocated | 10"] = None
