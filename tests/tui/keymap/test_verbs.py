"""Tests of the key map: one meaning for each key, the same in every area."""

from collections import Counter
from pathlib import Path

import pytest
from textual.binding import Binding

import tui
from tui.app import PANES
from tui.keymap.app_keys import APP_KEYS, PANE_KEYS, TRAINING_KEYS
from tui.keymap.areas import AREAS, bindings
from tui.keymap.keys import fill, name
from tui.keymap.page import page
from tui.keymap.verbs import FIXED, VERBS

PAGE = Path(tui.__file__).parents[1] / "docs" / "keys.md"

SHARED = {"start", "stop", "sort", "reverse", "filter", "export", "compare", "view", "undo", "redo"}


def test_no_key_has_two_meanings() -> None:
    counted = Counter(key for verb in VERBS.values() for key in verb.keys)
    assert [key for key, number in counted.items() if number > 1] == []
    assert not set(counted) & set(FIXED)


def test_common_habits_hold() -> None:
    for verb, key in {"filter": "/", "help": "?", "quit": "q", "sort": "s", "close": "Esc"}.items():
        assert name(VERBS[verb].keys[0]) == key


def test_the_panes_have_numbers_of_their_own_in_their_order() -> None:
    keys = [each.key for each in PANE_KEYS]
    assert keys == sorted(set(keys))
    assert {"configure": "1", "reproduce": "6", "data": "8"}.items() <= dict(
        zip(PANES, keys, strict=True)
    ).items(), "a pane that is added moves no other"
    assert [each.id for each in PANE_KEYS] == list(PANES)


@pytest.mark.parametrize("area", AREAS)
def test_every_binding_has_the_keys_of_its_verb(area: str) -> None:
    found = bindings(area)
    assert found
    for binding in found:
        assert binding.id is not None
        assert tuple(binding.key.split(",")) == VERBS[binding.id].keys
        assert fill(binding.tooltip), binding


def test_what_means_something_in_several_panes_has_one_key() -> None:
    used = Counter(binding.id for area in AREAS for binding in bindings(area))
    assert {verb for verb in SHARED if used[verb] > 1} >= {"start", "sort", "export", "view"}


def test_every_binding_of_the_app_is_a_verb() -> None:
    for binding in (*PANE_KEYS, *TRAINING_KEYS, *APP_KEYS):
        assert isinstance(binding, Binding)
        assert binding.id in VERBS


def test_no_binding_is_made_past_the_key_map() -> None:
    for file in Path(tui.__file__).parent.rglob("*.py"):
        if file.parent.name != "keymap":
            assert " Binding(" not in file.read_text(encoding="utf-8"), file


def test_the_page_of_the_documentation_is_that_of_the_key_map() -> None:
    """If this fails: convsole keys --markdown > docs/keys.md."""
    assert PAGE.read_text(encoding="utf-8") == page()
