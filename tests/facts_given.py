"""Reading single facts of small worlds, and folding actuals in the order given."""

from adapter.deciding import facts_all  # noqa: F401  registers every computed fact
from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import definitions
from adapter.deciding.facts_billing import fold_nte
from adapter.deciding.facts_inventory import fold_inventory
from adapter.deciding.fold import Fold
from adapter.values.actuals import Actual
from tests.making_given import World

FACTS = definitions()


def value(d: Dossier, name: str, fold: Fold | None = None) -> object:
    """One fact of a dossier."""
    return FACTS[name].read(d, fold or Fold())


def dossier(world: World, one: Actual, model: str = "integrated") -> Dossier:
    d = world.assembler.assemble(one)
    d.model = model
    return d


def folded(world: World, actuals, name: str, model: str = "integrated") -> list[object]:
    """The fact of each actual before it is folded, in the order given."""
    fold, found = Fold(), []
    for one in actuals:
        d = dossier(world, one, model)
        found.append(value(d, name, fold))
        fold_inventory(d, fold)
        fold_nte(d, fold)
    return found
