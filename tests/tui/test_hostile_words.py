"""Tests that control characters in external text do not reach the terminal."""

import json
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.widgets import Static
from typer.testing import CliRunner, Result

from core.config import presets
from core.data import home
from core.runs.records import RunState
from core.runs.session import store
from core.text_out import is_unseen, visible
from tests.tui.cli.commands import train
from tui import cli
from tui.app import Convsole
from tui.cli.app import app
from tui.terminal.sanitise import HARMLESS

WORDS = "a\x1b]0;t\x07\x1b[2J\x9b\u202e\u200b[/x]:smile:b"
ODD = os.fsdecode(b"caf\xe9") + WORDS.replace("/", "") + "\n"
"""A valid file name with a line end and a byte that is not UTF-8."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def said(result: Result) -> str:
    """Return all output; assert that it contains no control characters."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    text = result.stdout + result.stderr
    steering = {char for char in text if is_unseen(char)} - {"\n"}
    assert not steering, ascii(text)
    return text


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working folder, both with hostile names."""
    folder = tmp_path / ODD
    folder.mkdir()
    monkeypatch.setenv(home.HOME_VARIABLE, str(folder / "home"))
    monkeypatch.chdir(folder)
    return folder


def test_every_command(here: Path) -> None:
    name = train("--set", "name=[/x]:smile:", "--out", ODD)
    kept = store()
    kept.describe(kept.find(name), name=WORDS, note=WORDS)
    kept.writer.flush()
    Image.new("RGB", (40, 40), "red").save(Path(f"{ODD}.png"), "PNG")
    Path(f"{ODD}.toml").write_text(
        presets.load("arch-1").changed(name="=[/x]|$a$", dataset="synthetic").to_toml()
    )
    Path("broken.toml").write_text('"\\u001b[2J" = 1')
    short = ("--set", "max_updates=2", "--set", "evaluate_every=1")
    cases: list[tuple[int, tuple[str, ...]]] = [
        (0, ("runs", "list")),
        (0, ("runs", "show", name)),
        (2, ("runs", "show", WORDS)),
        (2, ("runs", "delete", name)),
        (0, ("doctor",)),
        (0, ("doctor", "--json")),
        (0, ("resume", name)),
        (0, ("train", f"{ODD}.toml", *short)),
        (2, ("train", "broken.toml")),
        (2, ("train", ODD)),
        (2, ("train", "--data", ODD, "--set", "dataset=cifar10")),
        (2, ("train", "--data", f"{ODD}.png", "--set", "dataset=cifar10")),
        (2, ("train", "--set", f"{WORDS}=1")),
        (2, ("train", "--set", f"eta_max={WORDS}")),
        (2, ("train", "--preset", WORDS)),
        (2, ("train", f"--{WORDS}")),
        (2, ("train", "a", WORDS)),
        (2, ("train", "--threads", WORDS)),
        (2, (WORDS,)),
        (2, ("presets", WORDS)),
        (2, ("data", "info", "--data", ODD)),
        (2, ("data", "info", "--data", "ftp://\x1b[2J")),
        (0, ("data", "info")),
        (1, ("data", "fetch", "--url", f"http://127.0.0.1:9/{WORDS}")),
        (0, ("predict", name, f"{ODD}.png")),
        (0, ("predict", name, f"{ODD}.png", "--json")),
        (1, ("predict", name, ODD, f"{ODD}.none")),
        (0, ("evaluate", name, "--out", f"{ODD}/e")),
        (2, ("evaluate", name, "--split", WORDS)),
        (0, ("export", name, "--to", f"{ODD}.csv")),
        (2, ("export", name, "--to", f"{ODD}.csv")),
        (2, ("export", name, "--to", ODD)),
        (0, ("gradcheck", f"{ODD}.toml", "--batch", "2", "--reference", "central", "--out", ODD)),
        (2, ("gradcheck", "--reference", WORDS)),
        (2, ("bench", "--arch", WORDS)),
        (2, ("bench", "--earlier", ODD, "--arch", "arch-1")),
        (2, ("lr-find", f"{ODD}.toml", "--plot", f"{ODD}/none/a.png")),
    ]
    for code, words in cases:
        result = run(*words)
        assert said(result), words
        assert result.exit_code == code, (words, result.output)
    [page] = Path(ODD).glob("gradients-*.md")
    assert r"# Gradients of =[/x]\|\$a\$ against" in page.read_text()
    assert ":smile:" in run("runs", "list").stdout
    assert visible(ODD) in run("runs", "show", name).stdout.replace("\n", "")
    assert f"{visible(ODD)}.png" in run("predict", name, f"{ODD}.png").stdout
    told = json.loads(run("predict", name, f"{ODD}.png", "--json").stdout)
    assert told["predictions"][0]["image"] == f"{ODD}.png"
    assert kept.find(name).state is RunState.FINISHED


def test_rates_for_a_folder_whose_name_no_shell_can_show(here: Path) -> None:
    Path(f"{ODD}.toml").write_text(
        presets.load("arch-1").changed(name="[/x]", dataset="synthetic").to_toml()
    )
    found = run("lr-find", f"{ODD}.toml", "--updates", "50", "--plot", "\x1b[2J.png", "--data", ODD)
    assert r"convsole train $'caf\xe9a\x1b]0;t\x07" in said(found)
    assert r"drew \x1b[2J.png" in found.stderr


def test_commands_speak_through_one_place() -> None:
    folder = Path(str(cli.__file__)).parent
    for file in folder.rglob("*.py"):
        text = file.read_text()
        if file.name != "say.py":
            assert "typer.echo(" not in text, file.name
            assert "add_row(*row)" not in text, file.name
            assert not re.search(r"\.print\(\s*f?[\"']", text), file.name


def test_a_line_of_the_app_keeps_its_width() -> None:
    line = [Segment("a\x1b[2J\x9b\u202eb"), Segment("c\udce9d"), Segment("plain 鳥")]
    found = HARMLESS.apply(line, Color(0, 0, 0))
    assert [segment.text for segment in found] == ["a[2Jb", "c�d", "plain 鳥"]
    assert sum(segment.cell_length for segment in found) == sum(each.cell_length for each in line)
    plain = line[2:]
    assert HARMLESS.apply(plain, Color(0, 0, 0)) is plain


async def test_what_the_app_draws(here: Path) -> None:
    async with Convsole(here).run_test(size=(100, 30)) as pilot:
        hostile = Static(Content(f"first {ODD}last"))
        hostile.styles.dock = "top"
        await pilot.app.screen.mount(hostile)
        pilot.app.notify(f"{WORDS}\nsecond")
        await pilot.pause()
        shown = "".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert "first caf" in shown, shown
        assert not {char for char in shown if is_unseen(char)}, ascii(shown)
        [message] = [note.message for note in pilot.app._notifications]
        assert message == f"{visible(WORDS)}\nsecond"


@pytest.mark.parametrize("command", [("train",), ("lr-find", "--updates", "50")])
def test_cifar10_in_a_folder_of_any_name(
    here: Path, real_cifar10: Path, command: tuple[str, ...]
) -> None:
    Path("data").mkdir()
    Path(f"data/{ODD}").symlink_to(real_cifar10 / "cifar-10-batches-bin")
    short = ("--set", "max_updates=5", "--set", "evaluate_every=5")
    words = () if command[0] == "lr-find" else short
    result = run(*command, "--preset", "arch-1", "--data", "data", *words)
    assert said(result)
    assert result.exit_code == 0, result.output
