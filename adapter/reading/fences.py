"""`model_from` of a company: the first day of each deployment model it moved to, or will.

`model_from = { integrated = 2026-12-01 }` is a fence: everything with a transaction day on
or after it belongs to the integrated model, everything before it to the model before.
"""

from collections.abc import Callable, Mapping
from datetime import date

from adapter.values.finding import Place, shown

MODELS = ("core", "integrated")  # what a company can move to


def check_fences(
    code: str, fences: Mapping[str, date], place: Place, fault: Callable[[str, Place, str], None]
) -> None:
    """Tell `fault` of models that do not exist, and of two that begin on the same day."""
    for model in fences:
        if model not in MODELS:
            fault(f"company {code} cannot move to the model `{shown(model)}`", place,
                  "model_from may name: " + ", ".join(MODELS))  # fmt: skip
    if len(set(fences.values())) < len(fences):
        fault(f"company {code} has two models from the same day", place,
              "give each model of model_from its own first day")  # fmt: skip
