"""Headers that change what Dataverse checks: duplicate detection, and business logic bypassed."""

from adapter.edge.twin.answers import Asked
from adapter.edge.twin.dataverse_store import DataverseStore, held
from adapter.edge.twin.refusal import Refused, unreadable
from adapter.edge.twin.store import Kept, Row
from adapter.making.compared import normal

LIKE_ANOTHER = ("A record was not created or updated because a duplicate of the current record "
                "already exists.")  # fmt: skip
STEPS_MAX = 3
BYPASSES = {  # header -> the privilege it needs
    "mscrm.bypassbusinesslogicexecution": "prvBypassCustomBusinessLogic",
    "mscrm.bypassbusinesslogicexecutionstepids": "prvBypassCustomBusinessLogic",
    "mscrm.bypasscustompluginexecution": "prvBypassCustomPlugins",
}


class Guards:
    """Rules of duplicates and privileges of one organisation."""

    def __init__(self) -> None:
        self.privileges: set[str] = set()
        self.bypassed: list[tuple[str, str]] = []  # header, request
        self.duplicates: dict[str, tuple[str, ...]] = {  # set -> columns that say "the same"
            "accounts": ("name",), "contacts": ("emailaddress1",), "leads": ("emailaddress1",),
        }  # fmt: skip

    def note_bypass(self, asked: Asked) -> None:
        """Note what a request bypasses. Raises Refused where the privilege is missing.

        Plug-ins of the vendor run in any case.
        """
        for header, privilege in BYPASSES.items():
            value = asked.headers.get(header, "")
            if not value or value.lower() == "false":
                continue
            if privilege not in self.privileges:
                raise Refused(403, "0x80040220", f"The caller has no {privilege} privilege.")
            if header.endswith("stepids") and len(value.split(",")) > STEPS_MAX:
                raise unreadable(f"more than {STEPS_MAX} steps are bypassed")
            self.bypassed.append((header, f"{asked.method} {asked.path}"))

    def check_duplicate(
        self, asked: Asked, store: DataverseStore, entity: str, row: Row, but: Kept | None
    ) -> None:
        """Raises Refused for a row like another, if detection was asked for."""
        if asked.headers.get("mscrm.suppressduplicatedetection", "").lower() != "false":
            return
        columns = self.duplicates.get(entity, ())
        wanted = [normal(n, held(row, n)) for n in columns]
        if not columns or None in wanted:
            return
        for kept in store.rows[entity]:
            if kept is not but and [normal(n, held(kept.row, n)) for n in columns] == wanted:
                raise Refused(412, "0x80040333", LIKE_ANOTHER)
