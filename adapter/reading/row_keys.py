"""The keys of one JSON row: whether one of them stands twice."""

from collections.abc import Mapping

import msgspec

_BLANKS = b" \t\r\n"  # which JSON lets stand between a key and its colon
_keys_only = msgspec.json.Decoder(dict[str, msgspec.Raw])
_pairs = msgspec.json.Decoder()


def repeated_key(raw: bytes) -> str | None:
    """The first key that stands twice on the top level of a JSON object, or None.

    Cheap when there is none: keys are counted against `":`, blanks taken out; only a
    difference is looked into.
    """
    keys = _keys_only.decode(raw)
    is_odd = b"\t" in raw or b"\r" in raw or b"\n" in raw
    dense = raw.translate(None, _BLANKS) if is_odd else raw.replace(b" ", b"")
    if len(keys) == dense.count(b'":'):
        return None
    return _first_repeated(raw, keys)


def _first_repeated(raw: bytes, keys: Mapping[str, msgspec.Raw]) -> str | None:
    """Walk the pairs of the object: after each key, skip exactly its value."""
    seen: set[str] = set()
    text = raw.decode()
    at = text.index("{") + 1
    while len(seen) <= len(keys):
        start = text.find('"', at)
        if start < 0:
            return None
        end = start + 1
        while text[end] != '"':
            end += 2 if text[end] == "\\" else 1
        key = _pairs.decode(text[start : end + 1])
        if key in seen:
            return str(key)
        seen.add(key)
        at = _after_value(text, text.index(":", end) + 1)
    return None


def _after_value(text: str, at: int) -> int:
    """The place behind the value that begins at `at`, at its comma or closing brace."""
    depth, inside = 0, False
    while at < len(text):
        char = text[at]
        if inside:
            at += char == "\\"
            inside = char != '"'
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
        elif depth == 0 and char in ",}":
            return at
        elif char in "}]":
            depth -= 1
        at += 1
    return at
