"""What work order lines sell for and cost, and where those prices came from."""

from datetime import date

from adapter.deciding.dossier import day_if
from adapter.making.priced import Ask, Priced, ruled, switches_of
from adapter.making.pricing import cost_price, sales_price
from adapter.making.story_words import Words, first_used
from adapter.making.work_lines import Around
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.field_service import WorkOrder, WorkOrderLine


class Prices:
    """Prices of work order lines; each is looked up once."""

    def __init__(self, records: Records, settings: Settings, words: Words) -> None:
        self.records = records
        self.settings = settings
        self.words = words
        self.switches = switches_of(settings)
        self._known: dict[str, tuple[Priced, Priced]] = {}

    def of(self, line: WorkOrderLine) -> tuple[Priced, Priced]:
        """Sale and cost of one unit, and where they came from."""
        known = self._known.get(line.id)
        if known is None:
            ask = Ask(line=line.id, work_order=line.work_order, product=line.product,
                      unit=line.unit, record=line.id, switches=self.switches,
                      day=self.day_of(line))  # fmt: skip
            sale, cost = sales_price(ask, self.records), cost_price(ask, self.records)
            known = ruled(sale, self.settings), ruled(cost, self.settings)
            self._known[line.id] = known
        return known

    def day_of(self, line: WorkOrderLine) -> date | None:
        """The company's day by which price lists are chosen: that of the usage (R-072).

        Before there is usage, that of the completed work order, else of the line's last
        change (inferred).
        """
        order = self.records.one(WorkOrder, line.work_order)
        used = first_used(self.records, line.id)
        at = used or (order.completed_on if order is not None else None) or line.modified_on
        return day_if(at, self.words.zone(self.words.owners.of_order(line.work_order)))

    def __call__(self, around: Around) -> tuple[Priced, Priced]:
        return self.of(around.line)
