"""The shape of explanations."""

from typing import get_args

from adapter.telling.explanation import Explanation
from tests.explain_sample import ALL


def test_every_kind_of_explanation_has_all_its_required_keys() -> None:
    kinds = {word: kind for kind in get_args(Explanation)
             for word in kind.__annotations__["about"].__args__}  # fmt: skip

    assert {one["about"] for one in ALL.values()} == kinds.keys()
    for one in ALL.values():
        required = kinds[one["about"]].__required_keys__
        assert required <= one.keys() <= kinds[one["about"]].__annotations__.keys()
