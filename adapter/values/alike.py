"""What is spelled like a word that nobody knows, and how it is asked: `did you mean ...?`"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from adapter.values.finding import shown

WORD_MAX = 200  # letters that are compared; the time grows with their square
LIKENESS = 60


def alike(
    word: object, known: Iterable[str], most: int = 3, *, percent: int = LIKENESS
) -> tuple[str, ...]:
    """Up to `most` of `known` that are spelled like a word, best first, letter by letter.
    `percent`: how much of the letters must be the same.
    """
    return tuple(get_close_matches(str(word)[:WORD_MAX], list(known), most, percent / 100))


def alike_in_any_case(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three of `known` that look like a word, best first, whatever the letter case."""
    by_lower = {one.lower(): one for one in sorted(known, reverse=True)}
    return tuple(by_lower[found] for found in alike(word.lower(), by_lower))


def did_you_mean(near: Sequence[str], quote: str = "`") -> str:
    """The question, each word in quotes; empty where nothing is near."""
    words = ", ".join(f"{quote}{shown(one)}{quote}" for one in near)
    return f"did you mean {words}?" if near else ""


def one_of(value: object, choices: Sequence[str]) -> str:
    """What a choice may be, and before it the one that is meant."""
    near = did_you_mean(alike(value, choices, 1), "'")
    return f"{near} It is one of: {', '.join(choices)}".lstrip()
