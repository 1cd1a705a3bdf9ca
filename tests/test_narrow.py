"""Narrowing what is shown."""

import pytest

from adapter.telling.narrow import Narrow, narrowed
from tests.report_sample import sample_report


def chosen(**words: str) -> Narrow:
    return Narrow(**{k: frozenset(v.split()) for k, v in words.items()})


@pytest.mark.parametrize(
    ("narrow", "count"),
    [
        (Narrow(), 20),
        (chosen(companies="CAMF"), 5),
        (chosen(codes="REQ304"), 4),
        (chosen(codes="REQ304", companies="CAMF"), 1),
        (chosen(only="held"), 6),
        (chosen(only="held different"), 7),
        (chosen(codes="RTE430"), 4),
        (chosen(only="unheard-of"), 0),
    ],
)
def test_each_word_narrows_the_actuals(narrow: Narrow, count: int) -> None:
    assert len(narrowed(sample_report(), narrow)) == count


def test_what_is_left_out_is_said() -> None:
    assert Narrow().said() == ""
    assert chosen(companies="USMF", only="held").said() == (
        "Shown: company USMF; held. The plan covers everything."
    )


def test_single_actuals_are_listed_only_when_asked() -> None:
    assert not Narrow().lists_actuals
    assert not chosen(companies="USMF").lists_actuals
    assert chosen(codes="REQ304").lists_actuals
    assert Narrow(whole=True).lists_actuals


def test_a_fault_of_another_company_is_left_out_and_one_of_none_is_shown() -> None:
    of_usmf = {"code": "PRO723", "values": [["company", "USMF"]]}
    of_nobody = {"code": "JNL706", "values": [["count", "3"]]}

    assert [Narrow().takes_fault(f) for f in (of_usmf, of_nobody)] == [True, True]
    camf, usmf = chosen(companies="CAMF"), chosen(companies="USMF")
    assert [camf.takes_fault(f) for f in (of_usmf, of_nobody)] == [False, True]
    assert [usmf.takes_fault(f) for f in (of_usmf, of_nobody)] == [True, True]
    assert not chosen(codes="PRO723").takes_fault(of_nobody)
