"""Tests of `evaluate`, `predict` and `export` on runs without a usable network."""

import json
from pathlib import Path

from PIL import Image

from core.data.home import saved_models_folder
from core.runs.checkpoint import load_checkpoint
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


def test_a_checkpoint_is_chosen_by_its_number_of_updates(tmp_path: Path) -> None:
    name = train("--set", "kept_checkpoints=3", "--set", "max_updates=33")
    line = json.loads(run("evaluate", name, "--checkpoint", "11", "--json").stdout)
    assert line["updates"] == 11
    assert line["checkpoint"].endswith("kept-00000011.safetensors")
    picture = tmp_path / "a.png"
    Image.new("RGB", (32, 32)).save(picture)
    line = json.loads(run("predict", name, str(picture), "--checkpoint", "22", "--json").stdout)
    assert line["updates"] == 22
    result = run("export", name, "--checkpoint", "22", "--to", str(tmp_path / "a.safetensors"))
    assert f"{name} after 22 updates" in result.stderr
    assert load_checkpoint(tmp_path / "a.safetensors").state.updates == 22
    for command in COMMANDS:
        words = [word.format(name) for word in command]
        assert "no checkpoint after 7 updates" in refused(run(*words, "--checkpoint", "7"))
        both = refused(run(*words, "--checkpoint", "22", "--best"))
        assert both == "convsole: take --best or --checkpoint, not both"
    sentence = refused(run("export", name, "--to", str(tmp_path / "a.csv"), "--checkpoint", "0"))
    assert sentence.endswith("is of the whole run; leave --checkpoint out")


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
