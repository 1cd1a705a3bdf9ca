"""edge/asked.py: what is asked for must be there."""

import pytest

from tests.commands import CONTOSO, ran


@pytest.mark.parametrize(("option", "name", "said"), [
    ("--company", "QQ", "--company QQ: no company of this workspace; there are CAMF, GBSI, USMF"),
    ("--company", "USMFF", "did you mean USMF"),
    ("--code", "REQ9", "--code REQ9: no rule or code; did you mean REQ"),
    ("--code", "QZ", "--code QZ: no rule or code; there are "),
])  # fmt: skip
def test_a_name_that_nothing_has_is_refused_with_the_nearest(
    option: str, name: str, said: str
) -> None:
    ended = ran(["plan", CONTOSO, option, name])

    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())


@pytest.mark.parametrize(("option", "name"), [
    ("--company", "USPM"), ("--code", "RTE412"), ("--code", "LED903"),
])  # fmt: skip
def test_what_a_plan_may_have_is_shown(option: str, name: str) -> None:
    assert ran(["plan", CONTOSO, option, name]).code in (0, 1)
