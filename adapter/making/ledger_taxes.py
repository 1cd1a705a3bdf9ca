"""Tax groups of a sales line, taken from where the company's parameters say."""

from adapter.deciding.dossier import Dossier
from adapter.values.finance import ProjectCategory


def sales_tax_group_of(d: Dossier) -> str | None:
    """Billing sales tax group: project, contract, customer, or the first that has one.

    The contract's own group is not among the records that are read; a company that takes
    it from the contract gets none and fills it in the journal (domain 6.3, R-171).
    """
    project = d.finance_project.tax_group if d.finance_project is not None else None
    customer = d.finance_customer.tax_group if d.finance_customer is not None else None
    told = d.finance.sales_tax_group_from if d.finance is not None else None
    if told == "project":
        return project
    if told == "contract":
        return None
    if told == "customer":
        return customer
    return project or customer


def item_tax_group_of(d: Dossier, category: str | None) -> str | None:
    """Billing item sales tax group: of the item for materials if the parameter says so,
    else of the project category."""
    told = d.finance.item_tax_group_from if d.finance is not None else None
    if d.actual.transaction_class == "material" and told != "category" and d.released is not None:
        return d.released.item_tax_group
    return category_tax_group_of(d, category)


def category_tax_group_of(d: Dossier, category: str | None) -> str | None:
    """Billing item sales tax group of a project category; None where it is not known."""
    row = d.finance_records.one(ProjectCategory, f"{d.code}|{category}") if category else None
    return row.item_tax_group if row is not None else None
