"""Arbitrary rows of studies with valid checksums: either valid, or a one-sentence error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StoreError
from core.runs.doctor.check import examine
from core.runs.session import store
from core.runs.store import Store
from core.runs.studies.queries import STUDIES, TELLS, TRIALS
from tests.runs.sealing import seal, sentence
from tests.runs.studies.made import recorded_study
from tests.runs.test_fuzz import Restored, columns, looks, shown
from tests.sweeps.at_work import study
from tui.cli.sweep.list import list_studies
from tui.cli.sweep.show import show

TABLES = {table.name: table.columns for table in (STUDIES, TRIALS, TELLS)}


@pytest.fixture
def kept() -> Store:
    record = recorded_study(store())
    store().change_study(record, definition=study().definition())
    return store()


@looks
@given(st.data())
def test_any_row_of_a_study_is_read_or_refused_in_a_sentence(kept: Store, data: Any) -> None:
    table = data.draw(st.sampled_from(sorted(TABLES)))
    names = data.draw(st.sets(st.sampled_from(TABLES[table]), min_size=1, max_size=3))
    changes = {name: data.draw(columns) for name in sorted(names)}
    with Restored(kept):
        if not seal(kept.root, table, "rowid = 1", changes):
            return
        try:
            for each in kept.studies():
                kept.trials(each), kept.tells(each)
        except StoreError as error:
            sentence(error)
        examine(kept)
        assert shown(list_studies) in (0, 2)
        assert shown(lambda: show("latest")) in (0, 2)
