"""The table of built-in codes: one line each, born here, never reused.

Codes of rule files are born in the rule file: the rule's id is the code.
Every code has a page in `docs/codes/`.
"""

from msgspec import Struct

from adapter.values.finding import Level


class CodeLine(Struct, frozen=True):
    """One built-in code: its kebab-case name says the fault."""

    code: str
    name: str
    level: Level
    since: str = "0.1"
    status: str = "stable"  # stable, preview, deprecated, removed


_LINES: tuple[tuple[str, str, Level], ...] = (
    # SRC: reading files and records
    ("SRC001", "not-toml", "error"),
    ("SRC002", "unknown-key", "error"),
    ("SRC003", "duplicate-id", "error"),
    ("SRC004", "file-not-readable", "error"),
    ("SRC005", "folder-missing", "error"),
    ("SRC006", "table-without-mapping", "note"),
    ("SRC007", "sent-line-not-understood", "error"),
    ("SRC010", "record-does-not-fit", "error"),
    ("SRC020", "setting-does-not-fit", "error"),
    ("SRC021", "setting-leads-nowhere", "error"),
    ("SRC022", "no-company-declared", "error"),
    ("SRC030", "lookup-leads-nowhere", "error"),
    ("SRC031", "row-not-readable", "error"),
    ("SRC032", "number-out-of-bounds", "error"),
    ("SRC033", "unknown-option-value", "error"),
    ("SRC034", "key-twice-in-row", "error"),
    ("SRC035", "text-too-long", "error"),
    ("SRC036", "row-without-key", "error"),
    ("SRC037", "row-repeated", "note"),
    ("SRC038", "rows-contradict", "error"),
    ("SRC039", "control-characters-in-key", "warning"),
    ("SRC040", "page-not-readable", "error"),
    ("SRC041", "schema-not-readable", "error"),
    ("SRC042", "heading-not-understood", "error"),
    ("SRC043", "columns-missing-in-file", "note"),
    ("SRC044", "files-contradict", "error"),
    ("SRC045", "table-missing", "error"),
    ("SRC046", "older-row-version", "note"),
    ("SRC047", "label-column-missing", "error"),
    ("SRC048", "file-without-content", "warning"),
    ("SRC051", "page-without-the-next", "error"),
    ("SRC052", "file-named-almost-as-a-table", "warning"),
    ("SRC053", "value-missing", "error"),
    ("SRC054", "rows-in-two-environments", "warning"),
    ("SRC055", "file-that-nothing-reads", "warning"),
    ("SRC061", "map-state-not-known", "error"),
    ("SRC090", "golden-case-not-understood", "error"),
    # RUL: rules as text
    ("RUL101", "condition-not-understood", "error"),
    ("RUL102", "unknown-fact", "error"),
    ("RUL103", "types-never-compare", "error"),
    ("RUL104", "value-never-occurs", "error"),
    ("RUL105", "lines-never-hold-together", "error"),
    ("RUL106", "unreachable-rule", "error"),
    ("RUL107", "last-rule-no-catch-all", "error"),
    ("RUL108", "rule-without-case", "warning"),
    ("RUL109", "unknown-fact-in-message", "error"),
    ("RUL110", "rules-share-records", "note"),
    ("RUL111", "reach-not-proven", "note"),
    ("RUL112", "conclusions-go-round", "error"),
    ("RUL113", "switch-of-no-rule", "error"),
    ("RUL114", "switch-without-reason", "error"),
    ("RUL115", "switch-expired", "warning"),
    ("RUL116", "rule-file-not-understood", "error"),
    ("RUL117", "conclusion-not-declared", "error"),
    ("RUL118", "rule-not-understood", "error"),
    ("RUL119", "rule-without-explanation", "error"),
    ("RUL120", "rule-too-wide", "error"),
    ("RUL121", "same-lines-twice", "warning"),
    ("RUL122", "shipped-rules-put-aside", "warning"),
    ("RUL130", "case-not-understood", "error"),
    ("RUL131", "concluded-fact-given", "error"),
    ("RUL132", "case-names-no-rule", "error"),
    ("RUL133", "value-does-not-fit-fact", "error"),
    ("RUL140", "case-fails", "error"),
    # DEP: which model
    ("DEP290", "no-model-chosen", "error"),
    ("DEP291", "other-side-of-the-fence", "error"),
    # RTE: where it goes
    ("RTE490", "document-without-mapping", "error"),
    ("RTE491", "claimed-by-no-rule", "error"),
    # MAP: fields
    ("MAP500", "mapping-not-understood", "error"),
    ("MAP501", "required-field-empty", "error"),
    ("MAP502", "required-column-not-mapped", "error"),
    ("MAP503", "unknown-target-field", "error"),
    ("MAP504", "step-does-not-fit-type", "error"),
    ("MAP505", "value-does-not-fit", "error"),
    ("MAP506", "unknown-source-value", "error"),
    ("MAP507", "unknown-step", "error"),
    ("MAP508", "key-field-may-change", "error"),
    ("MAP509", "key-without-reference", "error"),
    ("MAP510", "value-not-in-map", "error"),
    ("MAP511", "unknown-value-map", "error"),
    ("MAP512", "mapping-without-its-parts", "error"),
    ("MAP513", "option-without-word", "note"),
    ("MAP520", "text-shortened", "warning"),
    ("MAP521", "number-rounded", "warning"),
    ("MAP530", "total-not-kept", "error"),
    ("MAP531", "same-key-twice", "error"),
    ("MAP540", "unknown-record", "error"),
    ("MAP541", "unknown-field", "error"),
    ("MAP542", "unknown-column", "error"),
    ("MAP543", "option-not-in-schema", "error"),
    ("MAP544", "column-bound-twice", "error"),
    ("MAP545", "binding-not-understood", "error"),
    ("MAP546", "field-without-column", "warning"),
    ("MAP547", "rule-rests-on-unproven-column", "note"),
    ("MAP548", "table-read-twice", "error"),
    # TPL: shapes
    ("TPL601", "unknown-variable", "error"),
    ("TPL602", "bare-output", "error"),
    ("TPL603", "not-json", "error"),
    ("TPL604", "does-not-fit-target", "error"),
    ("TPL605", "template-computes", "error"),
    ("TPL606", "template-not-allowed", "error"),
    ("TPL607", "template-not-understood", "error"),
    ("TPL608", "document-too-large", "error"),
    ("TPL609", "template-stopped", "error"),
    # JNL, PRO: documents
    ("JNL701", "line-with-cost-and-sales", "error"),
    ("JNL702", "period-closed", "error"),
    ("JNL703", "exchange-rate-missing", "error"),
    ("JNL704", "amount-missing", "error"),
    ("JNL705", "transaction-date-missing", "error"),
    ("JNL706", "posted-by-half", "warning"),
    ("JNL707", "invoiced-before-its-unbilled-sales", "warning"),
    ("PRO701", "no-payer", "error"),
    ("PRO702", "too-many-line-details", "warning"),
    ("PRO703", "schedule-without-amount", "error"),
    ("PRO704", "milestone-credited-in-part", "error"),
    ("PRO706", "recall-of-an-invoiced-actual", "error"),
    ("PRO707", "payers-do-not-share-100-percent", "error"),
    ("PRO708", "backlog-left-open", "error"),
    ("PRO709", "revise-before-confirming", "error"),
    # PRC: prices and costs
    ("PRC701", "no-price-list", "warning"),
    ("PRC702", "no-price-in-list", "warning"),
    ("PRC703", "price-in-another-unit", "warning"),
    ("PRC704", "sales-lists-overlap", "error"),
    ("PRC705", "sale-in-another-currency", "error"),
    ("PRC706", "pricing-method-not-served", "warning"),
    ("PRC707", "unit-not-converted", "error"),
    ("PRC708", "price-stated-twice", "error"),
    ("PRC709", "nothing-to-price", "error"),
    ("PRC710", "price-without-day", "error"),
    ("PRC711", "amount-not-possible", "error"),
    # LAB: labour and expenses of a work order
    ("LAB701", "labour-recorded-twice", "warning"),
    ("LAB702", "labour-without-quantity", "error"),
    ("LAB703", "expense-amount-differs", "warning"),
    ("LAB704", "contract-line-not-clear", "error"),
    ("LAB705", "approved-without-actuals", "error"),
    ("LAB706", "maybe-entered-twice", "warning"),
    ("LAB707", "actuals-without-approval", "error"),
    ("PRO710", "move-not-allowed", "error"),
    ("PRO711", "field-not-editable", "error"),
    ("PRO712", "not-ready-to-invoice", "error"),
    ("PRO713", "too-many-invoices-at-once", "error"),
    ("PRO714", "retainer-taken-too-far", "error"),
    ("PRO715", "detail-may-not-be-on-the-draft", "error"),
    ("PRO716", "edited-against-the-setting", "warning"),
    ("PRO717", "on-two-proformas", "error"),
    ("PRO718", "confirmed-in-another-way", "error"),
    ("PRO719", "left-off-the-draft", "note"),
    ("PRO720", "total-is-not-its-details", "warning"),
    ("PRO721", "automatic-invoice-did-not-run", "warning"),
    ("PRO722", "proposal-incomplete", "warning"),
    ("PRO723", "milestones-do-not-add-up", "error"),
    ("PRO724", "retainer-without-actuals", "error"),
    ("PRO731", "cancelled-on-our-draft", "error"),
    # LAW: actuals that do not add up, and events that cannot happen
    ("LAW701", "law-not-kept", "error"),
    ("LAW702", "reversed-twice", "error"),
    ("LAW703", "billed-twice", "error"),
    ("LAW704", "connection-missing", "warning"),
    ("LAW705", "event-on-closed-actual", "error"),
    ("LAW706", "event-without-its-values", "error"),
    ("LAW707", "event-before-its-actuals", "error"),
    # EST, USG, EXP: what a work order line should give, beside what is there
    ("EST701", "estimate-without-quantity", "error"),
    ("EST702", "estimated-discount-not-carried", "warning"),
    ("EST703", "product-of-another-company", "error"),
    ("USG701", "quantity-below-zero", "error"),
    ("USG702", "discount-not-a-percentage", "error"),
    ("USG703", "discount-as-an-amount", "error"),
    ("USG704", "project-linked-after-posting", "error"),
    ("USG705", "used-with-nothing", "warning"),
    ("USG706", "usage-on-an-invoice", "error"),
    ("USG707", "extra-cost-not-carried", "warning"),
    ("USG708", "step-out-of-turn", "error"),
    ("USG710", "warehouse-missing-before-approval", "error"),
    ("USG711", "stock-too-low-before-approval", "error"),
    ("USG712", "stock-not-read-before-approval", "warning"),
    ("USG713", "stock-feature-off", "error"),
    ("USG714", "background-approval-threshold", "error"),
    ("USG715", "dimension-wrong-before-approval", "error"),
    ("EXP701", "expected-row-missing", "error"),
    ("EXP702", "row-not-expected", "error"),
    ("EXP703", "row-differs-from-expected", "error"),
    ("EXP704", "row-stands-twice", "error"),
    ("EXP705", "lines-not-compared", "note"),
    # MOV: moving between deployment models
    ("MOV001", "move-table-not-understood", "error"),
    ("MOV002", "move-without-an-answer", "error"),
    # REC: reconcile.toml
    ("REC001", "reconcile-entry-not-understood", "error"),
    ("REC002", "reconcile-names-nothing-sent", "warning"),
    ("REC003", "reason-without-effect", "note"),
    ("REC004", "column-not-in-your-environment", "warning"),
    # LED: replay
    ("LED903", "sent-before-with-another-body", "error"),
    ("LED910", "chain-broken", "error"),
    ("LED911", "chain-without-its-anchor", "error"),
    ("LED912", "anchor-not-usable", "error"),
    # SEC: secrets
    ("SEC001", "secret-written-out", "error"),
    ("SEC002", "secret-missing", "error"),
    # HTT: the way to the other side
    ("HTT001", "nobody-reached", "error"),
    ("HTT002", "no-whole-answer", "error"),
    ("HTT003", "leads-to-another-host", "error"),
    # DVE: Dataverse
    ("DVE010", "key-cannot-be-looked-up", "error"),
    ("DVE011", "row-without-answer", "error"),
    ("DVE012", "key-taken-by-another-row", "error"),
    ("DVE013", "there-with-another-body", "error"),
    ("DVE014", "delta-link-expired", "note"),
    # FIN: Finance
    ("FIN010", "row-cannot-be-linked", "error"),
    ("FIN011", "row-without-answer", "error"),
    ("FIN012", "row-in-another-company", "error"),
    ("FIN013", "there-with-another-body", "error"),
    ("FIN014", "answer-about-another-row", "error"),
    ("FIN015", "key-taken-by-another-row", "error"),
    # FIL: files for import
    ("FIL001", "file-not-written", "error"),
    # ENG: the rule engine
    ("ENG901", "engine-and-second-opinion-disagree", "error"),
)

# Who corrects what a code says, where no rule names an owner; by the longest beginning that fits.
OWNERS = {
    "SRC": "administrator", "RUL": "implementer", "DEP": "implementer", "RTE": "implementer",
    "MAP": "implementer", "MAP501": "dispatcher", "MAP505": "dispatcher", "MAP520": "dispatcher",
    "MAP521": "dispatcher", "TPL": "implementer", "TPL604": "dispatcher", "JNL": "dispatcher",
    "JNL701": "implementer", "JNL702": "project accountant", "JNL703": "project accountant",
    "PRO": "contract manager", "LED": "project accountant", "ENG": "implementer",
}  # fmt: skip


def owner_of(code: str) -> str:
    """Who corrects what a built-in code says; empty where nobody is named."""
    return OWNERS.get(code) or OWNERS.get(code[:3], "")


CODES: dict[str, CodeLine] = {line.code: line for line in (CodeLine(*parts) for parts in _LINES)}
