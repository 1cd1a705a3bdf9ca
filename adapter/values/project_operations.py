"""Project records: projects, contracts, payers, milestones, proformas.

The text after each type is the description and, behind `|`, an example; the catalogue of
facts (`fieldledger facts`) is made from them. Which column fills a field is decided in
`mappings/from-dataverse/*.toml`, not here.
"""

from typing import Annotated as A

from adapter.values.record import Day, Flag, Instant, Link, Number, Record, Text, Whole


class Project(Record, frozen=True, kw_only=True, gc=False):
    """A project (`msdyn_project`)."""

    number: A[Text, "project number | P-0007"] = None
    name: A[Text, "name | Chiller maintenance"] = None
    contract: A[Link, "project contract"] = None
    contract_line: A[Link, "contract line that covers it"] = None
    customer: A[Link, "customer"] = None
    company: A[Link, "owning company"] = None
    contracting_unit: A[Link, "contracting unit"] = None
    currency: A[Link, "project cost currency"] = None
    stage: A[Text, "new, quote, plan, deliver, complete, close | deliver"] = None
    actual_finish: A[Day, "actual finish date | 2026-12-31"] = None
    finance_stage: A[Text, "stage in Finance | in-process"] = None
    is_pma: A[Flag, "lives in project management and accounting of Finance | no"] = None
    fixed_rate: A[Number, "agreed exchange rate to the company's currency | 1.25"] = None
    status: A[Text, "active or inactive | active"] = None


class Task(Record, frozen=True, kw_only=True, gc=False):
    """A project task (`msdyn_projecttask`)."""

    number: A[Text, "number of the task | A-000123"] = None
    name: A[Text, "name | Quarterly inspection"] = None
    project: A[Link, "project"] = None
    is_summary: A[Flag, "has tasks below it | no"] = None
    start: A[Instant, "planned start, UTC | 2026-11-01T08:00:00Z"] = None
    finish: A[Instant, "planned finish, UTC | 2026-11-30T17:00:00Z"] = None
    billing_type: A[Text, "chargeability on the contract line | chargeable"] = None


class TeamMember(Record, frozen=True, kw_only=True, gc=False):
    """A project team member (`msdyn_projectteam`)."""

    project: A[Link, "project"] = None
    resource: A[Link, "resource"] = None
    user: A[Link, "user of the resource"] = None
    is_approver: A[Flag, "may approve | yes"] = None


class Contract(Record, frozen=True, kw_only=True, gc=False):
    """A project contract (`salesorder`)."""

    number: A[Text, "contract number | PC-0007"] = None
    name: A[Text, "name | Chiller service 2026"] = None
    customer: A[Link, "customer"] = None
    company: A[Link, "owning company"] = None
    contracting_unit: A[Link, "contracting unit"] = None
    currency: A[Link, "contract currency"] = None
    order_type: A[Text, "work-based, item-based, service-maintenance | work-based"] = None
    state: A[Text, "draft, on-hold, active, closed | active"] = None
    status_reason: A[
        Text, "draft, in-review, confirmed, completed, lost, abandoned | confirmed"
    ] = None
    nte_limit: A[Number, "not-to-exceed limit of the contract | 10000.00"] = None


class ContractLine(Record, frozen=True, kw_only=True, gc=False):
    """A project contract line (`salesorderdetail`)."""

    name: A[Text, "name | Maintenance T&M"] = None
    contract: A[Link, "contract"] = None
    project: A[Link, "project"] = None
    line_type: A[Text, "project-based or product-based | project-based"] = None
    billing_method: A[Text, "time-and-material or fixed-price | time-and-material"] = None
    includes_time: A[Flag, "includes time | yes"] = None
    includes_expense: A[Flag, "includes expenses | yes"] = None
    includes_material: A[Flag, "includes materials | yes"] = None
    includes_fee: A[Flag, "includes fees | no"] = None
    included_tasks: A[Text, "all-tasks or selected-tasks | all-tasks"] = None
    contracted_amount: A[Number, "contracted amount | 20000.00"] = None
    nte_limit: A[Number, "not-to-exceed limit of the line | 1000.00"] = None
    invoice_frequency: A[Link, "invoice frequency"] = None
    currency: A[Link, "currency"] = None


class ContractCustomer(Record, frozen=True, kw_only=True, gc=False):
    """A payer of a contract or of one of its lines (split billing rule)."""

    contract: A[Link, "contract"] = None
    contract_line: A[Link, "contract line; none for the whole contract"] = None
    account: A[Link, "account that pays"] = None
    percent: A[Number, "share in percent | 33.34"] = None
    is_rounding: A[Flag, "takes the rounding difference | yes"] = None
    nte_limit: A[Number, "not-to-exceed limit of this payer | 5000.00"] = None


class ContractPriceList(Record, frozen=True, kw_only=True, gc=False):
    """A price list of a contract (`msdyn_orderpricelist`)."""

    contract: A[Link, "contract"] = None
    price_list: A[Link, "price list"] = None


class InvoiceSchedule(Record, frozen=True, kw_only=True, gc=False):
    """One run date of a contract line (`msdyn_contractlineinvoiceschedule`)."""

    contract_line: A[Link, "contract line"] = None
    run_date: A[Day, "day the invoice is made | 2026-11-30"] = None
    cut_off: A[Day, "last transaction day | 2026-11-29"] = None
    run_status: A[Text, "not-run, successful, failed | not-run"] = None
    invoice: A[Link, "invoice that was made"] = None


class Milestone(Record, frozen=True, kw_only=True, gc=False):
    """A milestone of a fixed price line (`msdyn_contractlinescheduleofvalue`)."""

    name: A[Text, "name | Commissioning"] = None
    contract: A[Link, "contract"] = None
    contract_line: A[Link, "contract line"] = None
    contract_customer: A[Link, "the one payer of this milestone, where lines have several"] = None
    project: A[Link, "project"] = None
    task: A[Link, "task"] = None
    amount: A[Number, "amount before tax | 5000.00"] = None
    tax: A[Number, "tax | 0.00"] = None
    invoice_date: A[Day, "day it may be invoiced | 2026-11-15"] = None
    invoice_status: A[
        Text, "not-ready, ready, customer-invoice-created, customer-invoice-posted | ready"
    ] = None
    currency: A[Link, "currency"] = None


class Retainer(Record, frozen=True, kw_only=True, gc=False):
    """A prepayment on a contract (advance)."""

    name: A[Text, "name | Advance 2026"] = None
    contract: A[Link, "contract"] = None
    contract_customer: A[Link, "payer"] = None
    amount: A[Number, "amount of the retainer | 1000.00"] = None
    used_amount: A[Number, "amount applied so far | 0.00"] = None
    is_invoiced: A[Flag, "it was invoiced; before that nothing is available | yes"] = None
    invoice_date: A[Day, "day it may be invoiced | 2026-11-01"] = None
    invoice_status: A[
        Text, "not-ready, ready, customer-invoice-created, customer-invoice-posted | ready"
    ] = None
    currency: A[Link, "currency"] = None


class Invoice(Record, frozen=True, kw_only=True, gc=False):
    """A proforma invoice in the CRM (`invoice`)."""

    number: A[Text, "number | INV-01034"] = None
    contract: A[Link, "contract"] = None
    customer: A[Link, "account that is billed"] = None
    currency: A[Link, "currency"] = None
    invoice_date: A[Day, "invoice date | 2026-11-30"] = None
    invoice_status: A[Text, "draft, in-review, confirmed, paid | draft"] = None
    order_type: A[Text, "work-based, item-based, service-maintenance | work-based"] = None
    work_order: A[Link, "work order, for an invoice that Field Service made"] = None
    total: A[Number, "total after tax | 500.00"] = None
    discount_percent: A[Number, "discount of the whole invoice in percent | 0"] = None
    discount_amount: A[Number, "discount of the whole invoice | 0.00"] = None
    freight: A[Number, "freight of the whole invoice | 0.00"] = None
    posted_number: A[Text, "number of the customer invoice that Finance posted | CIV-000123"] = None
    posted_on: A[Day, "date of that invoice | 2026-12-01"] = None


class InvoiceLineDetail(Record, frozen=True, kw_only=True, gc=False):
    """A line detail of a proforma in the CRM (`msdyn_invoicelinetransaction`)."""

    invoice: A[Link, "invoice"] = None
    actual: A[Link, "unbilled sales actual it came from"] = None
    contract_line: A[Link, "contract line"] = None
    quantity: A[Number, "quantity | 4"] = None
    price: A[Number, "price | 125.00"] = None
    amount: A[Number, "amount | 500.00"] = None
    billing_type: A[Text, "billing type | chargeable"] = None
    transaction_class: A[Text, "class | material"] = None
    is_correction: A[Flag, "corrects a confirmed detail | no"] = None


class Account(Record, frozen=True, kw_only=True, gc=False):
    """A customer (`account`)."""

    number: A[Text, "account number | ACC-1001"] = None
    name: A[Text, "name | Adatum Corporation"] = None
    company: A[Link, "company"] = None
    currency: A[Link, "currency"] = None
    status: A[Text, "active or inactive | active"] = None


class Category(Record, frozen=True, kw_only=True, gc=False):
    """A transaction category (`msdyn_transactioncategory`)."""

    name: A[Text, "name | Item"] = None


class Company(Record, frozen=True, kw_only=True, gc=False):
    """A legal entity as the CRM knows it (`cdm_company`)."""

    code: A[Text, "company code | USMF"] = None
    name: A[Text, "name | Contoso Entertainment System USA"] = None


class ContractingUnit(Record, frozen=True, kw_only=True, gc=False):
    """An organisational unit (`msdyn_organizationalunit`)."""

    name: A[Text, "name | Contoso US"] = None
    currency: A[Link, "cost currency"] = None


class Currency(Record, frozen=True, kw_only=True, gc=False):
    """A currency (`transactioncurrency`)."""

    code: A[Text, "ISO code | USD"] = None
    decimals: A[Whole, "decimals of amounts | 2"] = None
