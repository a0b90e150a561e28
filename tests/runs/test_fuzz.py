"""Arbitrary records with valid checksums: either valid, or a one-sentence error."""

import dataclasses
import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from math import inf, nan
from typing import Any, cast

import numpy as np
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.runs import database, queries
from core.runs.records import Event
from core.runs.store import Store
from core.training import edit_text
from tests import strategies
from tests.runs.sealing import seal, sentence, two_runs
from tui.cli import say
from tui.cli.runs.list import list_runs
from tui.cli.runs.show import show
from tui.runs.columns import COLUMNS

looks = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""All examples share one store, and each restores what it has changed."""


@pytest.fixture
def kept() -> Store:
    return two_runs()


NEARLY: dict[str, tuple[Any, ...]] = {
    "settings": ({"eta_max": "x"}, {"eta_max": True}, {"seed": 1e9}, {"architecture": [[1]]}),
    "machine": ({"cpu": ["x"]}, {"numpy": {"a": {}}}, {"cpu": "\x1b[2J"}, {"cpu": "\ud800"}),
    "result": ({"test_accuracy": "x"}, {"test_accuracy": 3}, {"seed": None}, {"more": 1}, {}),
}
"""Draw additional content for JSON of the right structure."""

texts = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["", "x" * 300, "finished", "crashed", "\x1b[2J", "[" * 5000, '{"a":' * 900])
    | strategies.json_values.map(json.dumps)
)
columns = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from([0, 1, -1, 2**62, 0.5, -0.0, 1e300, -1e300, inf, -inf])
    | st.floats()
    | texts
    | st.binary(max_size=20)
)


@dataclasses.dataclass
class Restored:
    """A database that is restored after each read."""

    of: Store

    def __enter__(self) -> None:
        self.content = (self.of.root / database.NAME).read_bytes()

    def __exit__(self, *_: object) -> None:
        (self.of.root / database.NAME).write_bytes(self.content)


def shown(ask: Callable[[], object]) -> int:
    """Run a command with UTF-8 output, and return its exit code."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            with say.faults_in_one_sentence():
                ask()
        except typer.Exit as exit_:
            err.flush()
            assert err.buffer.getvalue().count(b"\n") == 1  # type: ignore[attr-defined]
            return exit_.exit_code
        out.flush()
        written = out.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"\x1b" not in written
    return 0


def look(of: Store) -> None:
    """Read everything, as commands and panes do.

    Raises:
        Exception: any error other than a one-sentence message.
    """
    found = []
    try:
        found = of.runs() + of.runs(deleted=True)
    except StoreError as error:
        sentence(error)
        assert shown(lambda: list_runs(False)) == 2
    for run in found:
        json.dumps(run.summary(), allow_nan=False)
        for column in COLUMNS.values():
            assert "\x1b" not in column.text(run)
            column.key(run)
        for ask in (of.events, of.edits, of.history):
            try:
                told = ask(run)
            except StoreError as error:
                sentence(error)
            else:
                if ask == of.events:
                    words = edit_text.each_edit(
                        run.settings, [event.edit for event in cast(list[Event], told)]
                    )
                    assert all("\x1b" not in each for each in words)
        try:
            run.experiment()
        except StoreError as error:
            sentence(error)
    for column in COLUMNS.values():
        keys = [column.key(run) for run in found]
        sorted(key for key in keys if key is not None)
    if found:
        assert shown(lambda: list_runs(False)) == 0
        assert shown(lambda: list_runs(True)) == 0
        for run in found:
            shown(lambda run=run: show(run.id, as_json=False))  # type: ignore[misc]
            shown(lambda run=run: show(run.id, as_json=True))  # type: ignore[misc]


@st.composite
def changes_of_a_run(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one or two columns of a run with arbitrary values."""
    changed = {}
    for name in draw(st.lists(st.sampled_from(queries.COLUMNS), min_size=1, max_size=2)):
        if name == "number":
            continue
        if name in NEARLY and draw(st.booleans()):
            changed[name] = "NEARLY " + json.dumps(
                draw(
                    st.sampled_from(NEARLY[name])
                    | st.dictionaries(st.text(max_size=3), strategies.json_values, max_size=2)
                )
            )
        else:
            changed[name] = draw(columns)
    return changed


@looks
@given(changes=changes_of_a_run())
def test_a_line_of_a_run_is_a_run_or_a_sentence(kept: Store, changes: dict[str, Any]) -> None:
    run = kept.runs()[1]
    for name, value in changes.items():
        if isinstance(value, str) and value.startswith("NEARLY "):
            whole = getattr(run, name) | json.loads(value.removeprefix("NEARLY "))
            changes = changes | {name: json.dumps(whole)}
    with Restored(kept):
        if changes and seal(kept.root, "runs", "number = 1", changes):
            look(kept)


edits = (
    st.fixed_dictionaries(
        {
            "changes": st.dictionaries(
                st.sampled_from(["eta_max", "cycles", "seed", "x"]), strategies.plain
            )
        },
        optional={"updates": strategies.plain, "more": strategies.json_values},
    ).map(json.dumps)
    | columns
)


@looks
@given(
    changes=st.fixed_dictionaries(
        {}, optional={"at": columns, "update": columns, "kind": columns, "content": edits}
    )
)
def test_a_line_of_an_event_is_an_event_or_a_sentence(kept: Store, changes: dict[str, Any]) -> None:
    with Restored(kept):
        if changes and seal(kept.root, "events", "run = 2 AND number = 1", changes):
            look(kept)


shapes = st.sampled_from([(5, 40), (5, 4), (4, 5), (1, 1), (5, 0), (40, 5)])


@st.composite
def blobs(draw: st.DrawFn) -> bytes:
    """Draw points whose first column may or may not be increasing."""
    rows, count = draw(shapes)
    values = draw(st.lists(st.sampled_from([nan, inf, -inf, -1.0, 0.5, 0.0, 1e300]), max_size=4))
    table = np.tile(np.arange(1.0, count + 1), (rows, 1))
    table.ravel()[: len(values)] = values[: table.size]
    return table.tobytes()


@looks
@given(
    kind=st.sampled_from(["updates", "evaluations"]),
    changes=st.fixed_dictionaries(
        {}, optional={"rows": columns, "points": blobs() | columns, "kind": columns}
    ),
)
def test_a_line_of_points_is_points_or_a_sentence(
    kept: Store, kind: str, changes: dict[str, Any]
) -> None:
    with Restored(kept):
        if changes and seal(kept.root, "chunks", f"run = 1 AND kind = '{kind}'", changes):
            look(kept)
