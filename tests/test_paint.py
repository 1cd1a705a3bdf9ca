"""Colour marks what the words already say."""

import re

from adapter.telling.paint import Paint


def test_without_colour_the_text_is_untouched() -> None:
    assert Paint()("error", " held ") == " held "


def test_with_colour_only_escape_codes_are_added() -> None:
    marked = Paint(colour=True)("held", "  ! held ")

    assert marked == "  \x1b[33m! held\x1b[0m "
    assert re.sub(r"\x1b\[\d+m", "", marked) == "  ! held "
    assert Paint(colour=True)("held", "   ") == "   "


def test_our_signs_have_ascii_forms() -> None:
    assert Paint(ascii_only=True).sign("✓ ✗ · …") == "+ x - ..."
    assert Paint().sign("✓") == "✓"
