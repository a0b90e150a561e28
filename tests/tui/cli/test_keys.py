"""Tests of `convsole keys`."""

import json
import tomllib
from pathlib import Path

from core.data import home
from tests.tui.cli.commands import refused, run
from tui.keymap.page import page
from tui.keymap.verbs import VERBS


def given(text: str) -> Path:
    path = home.home() / "keys.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_all_keys_are_listed_with_their_meaning_and_the_place_of_the_file() -> None:
    text = run("keys").stdout
    for verb, each in VERBS.items():
        assert f"  {verb} " in text
        assert each.words in text
    assert f"{home.home() / 'keys.toml'} is not there yet" in text


def test_other_keys_are_marked() -> None:
    given('sort = "Q"\npicture = "s"\n')
    text = run("keys").stdout
    assert "sort by the next column (changed)" in text
    assert "gives 2 of them other keys" in text
    listed = {each["name"]: each for each in json.loads(run("keys", "--json").stdout)["keys"]}
    assert listed["sort"] == {
        "name": "sort", "keys": ["Q"], "meaning": "sort by the next column", "changed": True,
    }  # fmt: skip
    assert not listed["start"]["changed"]


def test_a_wrong_file_is_refused_by_the_list_and_by_the_app() -> None:
    path = given('sort = "g"\n')
    assert f"{path}: g would mean both start and sort" in refused(run("keys"))


def test_the_file_and_the_page_can_be_printed() -> None:
    assert set(tomllib.loads(run("keys", "--toml").stdout)) == set(VERBS)
    assert run("keys", "--markdown").stdout == page()
