"""Numbers that are remembered by their text say what they say when they are read anew."""

import random
import threading
from decimal import Decimal

import pytest

from adapter.reading import numbers_read
from adapter.reading.numbers_read import NumbersRead, WholesRead
from adapter.values.money import canonical

TEXTS = ("0.0", "-0.0", "0.00", "-0.00", "1.50", "1.5", "33.3330", "-7.250", "12345678.90", "1e3",
         "1E-7", "0.0000001", "123456789012.5", "99999999999999999999.9")  # fmt: skip


@pytest.mark.parametrize("decimals", [0, 2])
@pytest.mark.parametrize("text", TEXTS)
def test_a_number_has_its_canonical_form_however_often_it_is_read(text: str, decimals: int) -> None:
    read = NumbersRead()
    forms = read.forms(decimals)

    for _ in range(2):
        number = read[text]
        known = forms.get(id(number))
        assert str(number) == str(Decimal(text))
        if known is not None:
            assert known[0] is number
            assert str(known[1]) == str(canonical(Decimal(text), decimals))

    assert (text in read) is (id(read[text]) in forms)


def test_what_is_long_or_has_an_exponent_is_looked_at_each_time() -> None:
    read = NumbersRead()
    read.forms(2)

    kept = {text for text in TEXTS if read[text] is read[text]}

    assert kept == {"0.0", "-0.0", "0.00", "-0.00", "1.50", "1.5", "33.3330", "-7.250",
                    "12345678.90"}  # fmt: skip


def test_threads_that_fill_it_up_never_get_the_form_of_another_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numbers_read, "KNOWN_MAX", 50)
    read, wrong = NumbersRead(), list[tuple[str, str]]()
    forms = read.forms(2)

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20_000):
            text = f"{chance.randint(0, 300)}.{chance.randint(0, 9)}"
            number = read[text]
            known = forms.get(id(number))
            if known is not None and known[1] != Decimal(text):
                wrong.append((text, str(known[1])))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == [] and len(read) < 60 and len(forms) < 60


@pytest.mark.parametrize(("number", "said"), [
    (0, "0.00"), (3, "3.00"), (-12, "-12.00"), (10**9, None), (-(10**9), None), (10**30, None),
])  # fmt: skip
def test_whole_numbers_too(number: int, said: str | None) -> None:
    read = WholesRead(2)

    found = [read[number] for _ in range(2)]

    assert [None if f is None else str(f) for f in found] == [said, said]
    assert (number in read) is (said is not None)
