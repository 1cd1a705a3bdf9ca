"""Which part of a report is shown. Narrowing never changes the plan itself."""

from typing import Any

from msgspec import Struct

from adapter.telling.figures import Shown

STATUSES = ("written", "unchanged", "left", "held", "different")


class Narrow(Struct, frozen=True, kw_only=True):
    """What the user asked to see; empty means no limit.

    `only` are statuses (see STATUSES); `whole` lists every actual without a cut.
    """

    companies: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    whole: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing is left out."""
        return not (self.companies or self.codes or self.only)

    @property
    def lists_actuals(self) -> bool:
        """Whether single actuals are listed, not only counted."""
        return bool(self.codes or self.only or self.whole)

    def takes_company(self, code: object) -> bool:
        """Whether a company is shown."""
        return not self.companies or str(code) in self.companies

    def takes_code(self, *codes: object) -> bool:
        """Whether one of these rules or findings is shown."""
        return not self.codes or any(str(code) in self.codes for code in codes)

    def takes_actual(self, actual: Shown) -> bool:
        """Whether an actual is shown: its company, its status and its codes."""
        codes = (*actual["findings"], actual["ledger"]["rule"], actual["billing"]["rule"])
        return (
            self.takes_company(actual["company"])
            and (not self.only or actual["status"] in self.only)
            and self.takes_code(*codes)
        )

    def takes_document(self, document: Shown, codes: frozenset[str] = frozenset()) -> bool:
        """Whether a document is shown; its status counts in the words of actuals."""
        word = DOCUMENT_STATUS.get(document["status"], document["status"])
        return (
            self.takes_company(document["company"])
            and (not self.only or word in self.only)
            and self.takes_code(document["rule"], *codes)
        )

    def takes_fault(self, fault: Shown) -> bool:
        """Whether a fault is shown: its code, and its company where it names one."""
        company = next((said for name, said in fault.get("values", ()) if name == "company"), "")
        return self.takes_code(fault["code"]) and (not company or self.takes_company(company))

    def said(self) -> str:
        """One line that says what is shown, empty when nothing is left out."""
        parts: list[str] = []
        for word, chosen in (("company", self.companies), ("code", self.codes), ("", self.only)):
            if chosen:
                parts.append(f"{word} {', '.join(sorted(chosen))}".strip())
        return f"Shown: {'; '.join(parts)}. The plan covers everything." if parts else ""


DOCUMENT_STATUS = {"new": "written", "same": "unchanged", "held": "held", "different": "different"}


def narrowed(report: Shown, narrow: Narrow) -> list[Any]:
    """The actuals of a report that are shown, in its order."""
    return [a for a in report.get("actuals", ()) if narrow.takes_actual(a)]
