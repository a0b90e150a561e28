"""Tests of `evaluate`, `predict` and `export` on runs without a usable network."""

from pathlib import Path

from core.data.home import saved_models_folder
from core.runs.store import Store
from tests.tui.cli.commands import refused, run, train

COMMANDS = (("evaluate", "{}"), ("predict", "{}", "a.png"), ("export", "{}", "--to", "a.npz"))


def test_a_damaged_checkpoint_is_told_and_then_nothing_is_left() -> None:
    train()
    store = Store(saved_models_folder())
    [path] = store.folder(store.find("latest")).glob("checkpoint-*")
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    for command in COMMANDS:
        sentence = refused(run(*(word.format("latest") for word in command)))
        assert "no checkpoint that can be used" in sentence
        assert "settings.toml" in sentence


def test_endings_are_checked_before_anything_else() -> None:
    assert "choose .safetensors" in refused(run("export", "latest", "--to", "a.pt"))
    assert "leave --best out" in refused(run("export", "x", "--to", "a.csv", "--best"))
    assert "choose train, validation, test" in refused(run("evaluate", "x", "--split", "all"))


def test_references_that_name_no_run_are_told() -> None:
    for command in COMMANDS:
        words = [word.format("x") for word in command]
        assert "there are no runs" in refused(run(*words))
    train()
    for command in COMMANDS:
        words = [word.format("x") for word in command]
        assert "there is no run 'x'" in refused(run(*words))


def test_bad_input_leaves_no_traceback(convsole_home: Path) -> None:
    train()
    (convsole_home / "saved_models" / "runs.sqlite3").write_bytes(b"\0" * 5_000)
    for command in COMMANDS:
        sentence = refused(run(*(word.format("latest") for word in command)))
        assert "is damaged" in sentence
