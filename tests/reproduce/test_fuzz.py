"""Arbitrary records of a study: either valid, or refused with a one-sentence error."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.reproduce.results import look
from core.reproduce.study import RECORD, Study, place
from core.runs.session import store
from tests import strategies
from tests.reproduce.made import QUICK, complete

files = strategies.files({"runs": {"final/1": "final-1", "arch-1/1": "../x"}, "timing": "x.json"})


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files | st.sampled_from(["a\0b", "..", "/", "x" * 5000]).map(
    lambda name: json.dumps({"timing": name}).encode()
))  # fmt: skip
def test_a_record_is_a_study_or_a_sentence(convsole_home: Path, content: bytes) -> None:
    folder = place(QUICK.length)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_bytes(content)
    study, told = None, ""
    try:
        study = Study.of(QUICK.length)
    except StoreError as error:
        told = str(error)
    if study is not None:
        assert not look(QUICK, None, store(), study).finished
    else:
        assert told.startswith(f"{folder / RECORD} holds no study; ")


def test_a_huge_record_is_not_read(convsole_home: Path) -> None:
    complete(store(), QUICK, "synthetic")
    path = place(QUICK.length) / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.truncate(path, 3_000_000_000)
    with pytest.raises(StoreError, match="too large for a study"):
        Study.of(QUICK.length)
