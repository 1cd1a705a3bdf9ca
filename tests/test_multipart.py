"""Answers of a batch, as text: whole, cut, and with lines that only look like marks."""

import random
import re

import pytest

from adapter.edge.http import multipart
from adapter.edge.http.answers import Answer
from adapter.edge.http.multipart import PartAnswer, read_batch

HEADERS = {"content-type": "multipart/mixed; boundary=whole"}
PART = (
    "--whole\r\nContent-Type: multipart/mixed; boundary=set{n}\r\n\r\n--set{n}\r\n"
    "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {n}\r\n"
    "\r\nHTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{body}\r\n--set{n}--\r\n"
)
PIECES = (b"\r\n", b"\n", b"\r", b"--", b"-", b"--whole", b"--set1", b"--set1--", b'"', b"{}",
          b"boundary=", b"multipart/mixed", b"HTTP/1.1 404 X\r\n", b"Content-ID: 1\r\n",
          b"Content-Type: multipart/mixed; boundary=set1\r\n")  # fmt: skip


def read(body: bytes) -> list[PartAnswer]:
    return read_batch(Answer(status=200, headers=HEADERS, body=body))


def whole(*bodies: str) -> bytes:
    parts = [PART.format(n=n, body=body) for n, body in enumerate(bodies, start=1)]
    return ("".join(parts) + "--whole--\r\n").encode()


def test_each_answer_is_read_with_its_id() -> None:
    found = read(whole('{"a":1}', "", '{"b":2}'))

    assert [(p.content_id, p.answer.status, p.answer.body) for p in found] == [
        ("1", 201, b'{"a":1}'), ("2", 201, b""), ("3", 201, b'{"b":2}'),
    ]  # fmt: skip
    assert all(p.in_change_set for p in found)
    assert found[0].answer.headers == {"content-type": "application/json"}


def test_a_line_that_only_begins_like_a_mark_belongs_to_the_body() -> None:
    (found,) = read(whole('{"a":\r\n--whole of it\r\n--set1st\r\n}'))

    assert found.answer.body == b'{"a":\r\n--whole of it\r\n--set1st\r\n}'


def test_an_answer_of_lines_that_all_look_like_marks_is_read_once_and_not_again_and_again() -> None:
    lines = b"--whole?\r\n" * 200_000

    found = read(b"--whole\r\nContent-ID: 1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + lines + b"--whole--")

    assert [len(part.answer.body) for part in found] == [len(lines) - 2]


def test_a_mark_cut_off_at_the_end_is_no_mark() -> None:
    body = whole("{}")

    assert read(body[: body.index(b"--whole--")] + b"--whole\r") == []


def test_what_no_mark_ends_is_not_read() -> None:
    body = whole("{}", "{}")

    assert [p.content_id for p in read(body[: body.index(b"--set2--")])] == ["1"]


@pytest.mark.parametrize("seed", range(5))
def test_the_usual_form_reads_as_any_other(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, bodies = random.Random(seed), []
    for _ in range(1_000):
        body = bytearray(whole(*('{"a":"x"}' for _ in range(chance.randint(1, 3)))))
        for _ in range(chance.randint(0, 3)):
            at = chance.randrange(len(body) + 1)
            cut = chance.randint(0, 30) if chance.random() < 0.5 else 0
            body[at : at + cut] = b"" if cut else chance.choice(PIECES)
        bodies.append(bytes(body))

    quickly = [read(body) for body in bodies]
    monkeypatch.setattr(multipart, "_ALONE", re.compile(b"(?!)"))
    slowly = [read(body) for body in bodies]

    assert quickly == slowly
    assert sum(map(len, quickly)) > len(bodies)
