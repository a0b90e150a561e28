"""Tests that a download resumes or restarts whatever its metadata file contains."""

import json
import os
import tracemalloc
from pathlib import Path

import h11
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.download import LARGEST_NOTE, _Part
from tests import strategies
from tests.data.servers import URL, Server, broken, check, get

notes = strategies.files({"url": URL, "validator": '"one"'}) | st.text().map(
    lambda tag: json.dumps({"url": URL, "validator": f" {tag}\r\nHost: x"}).encode()
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=notes)
def test_any_note_leads_to_a_request_that_can_be_sent(tmp_path: Path, content: bytes) -> None:
    part = _Part(tmp_path / "some.part", URL, checked=True)
    part.path.write_bytes(b"x" * 10)
    part.note.write_bytes(content)
    headers = part.request_headers()
    assert headers["Range"] == "bytes=10-"
    h11.Request(method="GET", target="/", headers=[("Host", "example.org"), *headers.items()])


def test_a_huge_note_is_not_read(tmp_path: Path) -> None:
    part = _Part(tmp_path / "some.part", URL, checked=True)
    part.path.write_bytes(b"x")
    part.note.touch()
    os.truncate(part.note, 3_000_000_000)
    tracemalloc.start()
    try:
        assert "If-Range" not in part.request_headers()
        assert tracemalloc.get_traced_memory()[1] < 20 * LARGEST_NOTE
    finally:
        tracemalloc.stop()


def test_a_note_that_nests_deeply_does_no_harm(tmp_path: Path) -> None:
    broken(tmp_path, Server())
    (note,) = tmp_path.glob("*.part.json")
    note.write_text("[" * 5000)
    get(tmp_path, Server())
    check(tmp_path)
