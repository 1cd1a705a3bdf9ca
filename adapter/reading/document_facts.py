"""The names that a mapping out may read: what a document, its lines and details consist of.

The left part of a name is the part of the document (`document`, `header`, `line`,
`detail`), the right part a value. Whoever drafts a document fills exactly these names;
whoever writes `from = "..."` in `mappings/to-*/` chooses among them.
Money is `Decimal` in the line's currency, quantities are in the line's unit.
"""

from collections.abc import Mapping

from adapter.reading.catalogue import Catalogue, FactSpec

# name; type (text, number, whole, day, flag, list) or the words of a choice; description
SourceLine = tuple[str, str, str]

BILLING_TYPES = "chargeable|non-chargeable|complimentary|not-available"
CLASSES = "time|expense|material|milestone|fee|retainer|commission|additional|tax"
NTE_STATUSES = "committed|failed|not-applicable|not-evaluated"

DOCUMENT: tuple[SourceLine, ...] = (
    ("key", "text", "business key of the document, made from source identity"),
    ("kind", "journal|proforma|invoice-proposal|on-account", "kind of document"),
    ("name", "text", "name of the document in reports"),
    ("company", "text", "legal entity"),
    ("rule", "text", "rule that sent its records here"),
    ("amount", "number", "sum of the chargeable amounts, before discount and tax"),
    ("discount", "number", "sum of the discounts of chargeable lines"),
    ("fee", "number", "sum of the fees of chargeable lines"),
    ("tax", "number", "sum of the tax of chargeable lines"),
    ("advance", "number", "retainers applied, below zero"),
    ("total", "number", "amount after discount, fee, tax and advances"),
)

JOURNAL_HEADER: tuple[SourceLine, ...] = (
    ("environment", "text", "Dataverse environment of the records"),
    ("company", "text", "legal entity of the journal"),
    ("company_name", "text", "name of the legal entity"),
    ("period_unit", "days|months|years|all", "how the company groups journals"),
    ("period", "text", "period of the lines, such as 2026-11"),
    ("number", "whole", "number of the journal in its period, from 1"),
    ("currency", "text", "accounting currency of the legal entity"),
    ("period_start", "day", "first day of the period; none where the unit is all"),
    ("accounting_date_first", "day", "earliest accounting date of the lines"),
    ("accounting_date_last", "day", "latest accounting date of the lines"),
    ("description", "text", "description of the journal"),
    ("lines", "whole", "how many lines it has"),
)

JOURNAL_LINE: tuple[SourceLine, ...] = (
    ("number", "whole", "number of the line in its journal, from 1"),
    ("key", "text", "business key of the line"),
    ("actual", "text", "id of the actual that the line carries"),
    ("source", "text", "what the row stands for: the actual, or the actual's fee"),
    ("actual_name", "text", "name of the actual"),
    ("company", "text", "legal entity of the project"),
    ("side", "cost|sales", "a line carries one side, never both"),
    ("transaction_type", "hour|expense|item|fee", "transaction type in Finance"),
    ("document_type", "usage|purchase", "what the cost comes from"),
    ("date", "day", "transaction date, a date of the company"),
    ("accounting_date", "day", "ledger date, in an open period"),
    ("period", "text", "period of the accounting date"),
    ("project", "text", "project number"),
    ("task", "text", "number of the project task"),
    ("contract", "text", "number of the project contract"),
    ("contract_line", "text", "project contract line"),
    ("customer", "text", "account that is billed"),
    ("category", "text", "project category in Finance"),
    ("resource", "text", "name of the resource"),
    ("item_number", "text", "item number in Finance, materials only"),
    ("description", "text", "what was used or done"),
    ("unit", "text", "unit of the quantity"),
    ("quantity", "number", "signed quantity"),
    ("cost_price", "number", "cost of one unit; zero on a sales line"),
    ("cost_amount", "number", "signed cost; zero on a sales line"),
    ("sales_price", "number", "price of one unit; zero on a cost line"),
    ("sales_amount", "number", "signed sales; zero on a cost line"),
    ("discount_amount", "number", "discount that stays apart for the invoice"),
    ("discount_deducted", "number", "discount already taken from the sales amount"),
    ("currency", "text", "ISO code of price and amount"),
    ("exchange_rate", "number", "rate for 100 units, as Finance shows it"),
    ("accounting_amount", "number", "amount in the accounting currency"),
    ("accounting_currency", "text", "accounting currency"),
    ("line_property", "text", "line property in Finance"),
    ("billing_type", BILLING_TYPES, "whether it is charged"),
    ("tax_group", "text", "billing sales tax group"),
    ("item_tax_group", "text", "billing item sales tax group"),
    ("site", "text", "site of the stock"),
    ("warehouse", "text", "warehouse of the stock"),
    ("location", "text", "location in the warehouse"),
    ("batch_number", "text", "batch of a tracked product"),
    ("serial_number", "text", "serial number of a tracked product"),
    ("dimensions", "text", "financial dimensions, as Finance displays them"),
    ("related_actual", "text", "the other side: cost for sales, sales for cost"),
    ("work_order", "text", "number of the work order"),
)

PROFORMA_HEADER: tuple[SourceLine, ...] = (
    ("environment", "text", "Dataverse environment of the records"),
    ("company", "text", "legal entity that owns the contract"),
    ("contract", "text", "id of the project contract"),
    ("contract_number", "text", "number of the project contract"),
    ("contract_name", "text", "name of the project contract"),
    ("payer", "text", "id of the contract customer"),
    ("customer", "text", "account number of the customer that is billed"),
    ("customer_id", "text", "id of the account that is billed"),
    ("customer_name", "text", "name of the customer"),
    ("currency", "text", "ISO code of the currency"),
    ("currency_id", "text", "id of the currency"),
    ("cut_off", "day", "last day that is billed"),
    ("project", "text", "project number, where all details share one"),
    ("existing_draft", "text", "number of the open draft it is added to"),
    ("existing_draft_id", "text", "id of that draft"),
    ("existing_draft_lines", "whole", "lines that are on that draft already"),
    ("existing_draft_amount", "number", "amount that is on that draft already"),
    ("price_list", "text", "id of the price list of the contract"),
)

PROFORMA_LINE: tuple[SourceLine, ...] = (
    ("key", "text", "business key of the line"),
    ("number", "whole", "number of the line on the proforma, from 1"),
    ("kind", "contract-line|advance", "a contract line, or a retainer that is applied"),
    ("contract_line", "text", "id of the project contract line"),
    ("name", "text", "name of the contract line, or of the retainer"),
    ("billing_method", "time-and-material|fixed-price", "how the contract line is billed"),
    ("amount", "number", "sum of its chargeable details, before discount and tax"),
    ("discount", "number", "discount of its chargeable details"),
    ("fee", "number", "fees of its chargeable details"),
    ("tax", "number", "tax of its chargeable details"),
    ("extended", "number", "amount - discount + fee + tax"),
    ("non_chargeable", "number", "sum of its non-chargeable details"),
    ("complimentary", "number", "sum of its complimentary details"),
    ("not_to_exceed", "list", "limits, with what is billed and what is left"),
    ("details", "list", "the line details"),
    ("retainer", "text", "id of the retainer that is applied"),
    ("available", "number", "what the retainer had"),
    ("applied", "number", "what this proforma takes from it"),
    ("currency", "text", "ISO code of the currency"),
)

BILLING_LINE: tuple[SourceLine, ...] = (
    ("key", "text", "business key of the detail"),
    ("actual", "text", "id of the sales actual that the detail carries"),
    ("source", "usage|milestone|retainer|retainer-applied", "what it comes from"),
    ("source_id", "text", "id of the record it comes from"),
    ("source_name", "text", "name of that record"),
    ("transaction_type", "unbilled-sales|billed-sales|milestone|retainer", "type of its money"),
    ("company", "text", "legal entity"),
    ("contract", "text", "id of the project contract"),
    ("contract_line", "text", "id of the project contract line"),
    ("payer", "text", "id of the contract customer"),
    ("customer", "text", "account number of the customer"),
    ("project", "text", "project number"),
    ("task", "text", "number of the project task"),
    ("work_order", "text", "number of the work order"),
    ("invoice", "text", "id of the proforma that carries it"),
    ("usage", "text", "id of the material usage log"),
    ("date", "day", "transaction date, or the invoice date of a milestone"),
    ("transaction_class", CLASSES, "class of the transaction"),
    ("billing_type", BILLING_TYPES, "whether it is charged"),
    ("category", "text", "transaction category"),
    ("resource", "text", "name of the resource"),
    ("item_number", "text", "product number"),
    ("description", "text", "what was used or done"),
    ("unit", "text", "unit of the quantity"),
    ("quantity", "number", "signed quantity that is billed"),
    ("quantity_used", "number", "quantity used, where it differs"),
    ("price", "number", "price of one unit"),
    ("amount", "number", "signed amount before discount and tax"),
    ("discount_percent", "number", "discount in percent"),
    ("discount_amount", "number", "discount taken from the amount"),
    ("fee_amount", "number", "fee added to the amount"),
    ("tax", "number", "tax"),
    ("extended", "number", "amount - discount + fee"),
    ("currency", "text", "ISO code of the currency"),
    ("nte_status", NTE_STATUSES, "where the limit not to exceed stands"),
    ("line_property", "text", "line property in Finance"),
    ("tax_group", "text", "sales tax group"),
    ("item_tax_group", "text", "item sales tax group"),
    ("dimensions", "text", "financial dimensions, as Finance displays them"),
    ("serial_number", "text", "serial number of a tracked product"),
    ("batch_number", "text", "batch of a tracked product"),
    ("price_list", "text", "id of the price list the price came from"),
)

PROFORMA_DETAIL: tuple[SourceLine, ...] = (
    ("kind", BILLING_TYPES, "group on the invoice"),
    *BILLING_LINE,
)

BILLED_HEADER: tuple[SourceLine, ...] = (
    ("environment", "text", "Dataverse environment of the records"),
    ("company", "text", "legal entity"),
    ("contract", "text", "id of the project contract"),
    ("contract_number", "text", "number of the project contract"),
    ("payer", "text", "id of the contract customer, the funding source"),
    ("customer", "text", "account number of the customer"),
    ("customer_name", "text", "name of the customer"),
    ("currency", "text", "ISO code of the currency"),
    ("invoice", "text", "number of the confirmed proforma"),
    ("lines", "whole", "how many lines it has"),
)

BILLED_LINE: tuple[SourceLine, ...] = (
    ("number", "whole", "number of the line in its document, from 1"),
    *BILLING_LINE,
)

DOCUMENT_KINDS: Mapping[str, Mapping[str, tuple[SourceLine, ...]]] = {
    "journal": {"document": DOCUMENT, "header": JOURNAL_HEADER, "line": JOURNAL_LINE},
    "proforma": {
        "document": DOCUMENT,
        "header": PROFORMA_HEADER,
        "line": PROFORMA_LINE,
        "detail": PROFORMA_DETAIL,
    },
    "invoice-proposal": {"document": DOCUMENT, "header": BILLED_HEADER, "line": BILLED_LINE},
    "on-account": {"document": DOCUMENT, "header": BILLED_HEADER, "line": BILLED_LINE},
}


def sources_of(kind: str, group: str) -> Catalogue:
    """What a mapping of one part of a document may read: a line sees its header, and so on.

    Lists are for templates, not for mappings. Raises KeyError for an unknown kind or part.
    """
    parts = DOCUMENT_KINDS[kind]
    if group not in parts:
        raise KeyError(group)
    seen = list(parts)[: list(parts).index(group) + 1]
    return Catalogue({
        f"{part}.{name}": _spec(part, name, said, description)
        for part in seen
        for name, said, description in parts[part]
        if said != "list"
    })  # fmt: skip


def _spec(part: str, name: str, said: str, description: str) -> FactSpec:
    choices = tuple(said.split("|")) if "|" in said else None
    return FactSpec(
        name=f"{part}.{name}",
        type="choice" if choices else said,
        choices=choices,
        description=description,
        example="",
        source="",
        group=part,
    )
