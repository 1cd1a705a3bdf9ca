"""Price records of projects: prices of roles and categories, where price lists are attached.

The text after each type is the description and, behind `|`, an example; the catalogue of
facts (`fieldledger facts`) is made from them. Which column fills a field is decided in
`mappings/from-dataverse/*.toml`, not here.
"""

from typing import Annotated as A

from adapter.values.record import Day, Link, Number, Record, Text


class Role(Record, frozen=True, kw_only=True, gc=False):
    """A role that a person works in (`bookableresourcecategory`)."""

    name: A[Text, "name | Field technician"] = None
    billing_type: A[Text, "chargeable, non-chargeable, complimentary | chargeable"] = None


class RolePrice(Record, frozen=True, kw_only=True, gc=False):
    """A price of a role on a price list (`msdyn_resourcecategorypricelevel`)."""

    price_list: A[Link, "price list"] = None
    role: A[Link, "role"] = None
    company: A[Link, "resourcing company; none serves every company"] = None
    resourcing_unit: A[Link, "resourcing unit; none serves every unit"] = None
    resource: A[Link, "resource; none serves everybody in the role"] = None
    category: A[Link, "transaction category; none serves every category"] = None
    unit: A[Link, "unit of time"] = None
    price: A[Number, "price or cost of one unit of time | 95.00"] = None
    percent: A[Number, "mark-up in percent of the cost | 40"] = None
    method: A[Text, "price-per-unit, at-cost, markup | price-per-unit"] = None
    currency: A[Link, "currency of the price"] = None


class CategoryPrice(Record, frozen=True, kw_only=True, gc=False):
    """A price of a transaction category (`msdyn_transactioncategorypricelevel`)."""

    price_list: A[Link, "price list"] = None
    category: A[Link, "transaction category"] = None
    unit: A[Link, "unit"] = None
    price: A[Number, "price or cost of one unit | 10.00"] = None
    percent: A[Number, "mark-up in percent of the cost | 10"] = None
    method: A[Text, "price-per-unit, at-cost, markup | markup"] = None


class ProjectPriceList(Record, frozen=True, kw_only=True, gc=False):
    """A price list of a project (`msdyn_projectpricelist`)."""

    project: A[Link, "project"] = None
    price_list: A[Link, "price list"] = None


class OrganisationPriceList(Record, frozen=True, kw_only=True, gc=False):
    """A default price list of the organisation (`msdyn_projectparameterpricelist`)."""

    price_list: A[Link, "price list"] = None


class UnitPriceList(Record, frozen=True, kw_only=True, gc=False):
    """A cost price list of a contracting unit (`msdyn_organizationalunit_pricelevel`)."""

    contracting_unit: A[Link, "contracting unit"] = None
    price_list: A[Link, "price list"] = None


class UnitConversion(Record, frozen=True, kw_only=True, gc=False):
    """How a unit of one group becomes one of another (`msdyn_unitofmeasureconversion`)."""

    from_unit: A[Link, "unit it comes from"] = None
    to_unit: A[Link, "unit it becomes"] = None
    factor: A[Number, "factor | 1"] = None
    numerator: A[Number, "numerator | 1000"] = None
    denominator: A[Number, "denominator | 1"] = None
    inner_offset: A[Number, "added before multiplying | 0"] = None
    outer_offset: A[Number, "added after multiplying | 0"] = None


class Expense(Record, frozen=True, kw_only=True, gc=False):
    """An expense entry (`msdyn_expense`)."""

    name: A[Text, "what it was for | Parking"] = None
    work_order: A[Link, "work order; else known by the task"] = None
    project: A[Link, "project"] = None
    task: A[Link, "task"] = None
    resource: A[Link, "resource"] = None
    resourcing_unit: A[Link, "resourcing unit"] = None
    category: A[Link, "transaction category"] = None
    day: A[Day, "day of the expense | 2026-11-14"] = None
    quantity: A[Number, "quantity | 1"] = None
    unit: A[Link, "unit"] = None
    unit_cost: A[Number, "cost of one unit as entered | 18.00"] = None
    amount: A[Number, "cost as entered, before tax | 18.00"] = None
    currency: A[Link, "currency of the cost"] = None
    expense_status: A[
        Text, "draft, submitted, approved, rejected, posted, paid ... | approved"
    ] = None
