"""Tests of the Inspect screen in the app."""

from pathlib import Path

from PIL import Image
from textual.events import Paste
from textual.widget import Widget
from textual.widgets import Static

from core.runs.session import store
from tests.tui.cli.commands import train
from tests.tui.runs.test_pane import Seen, opened, typing
from tests.tui.test_app import is_png
from tests.tui.waiting import screen_text, shown, until
from tui.dialogs.help import HelpScreen
from tui.dialogs.prompt import LineScreen
from tui.inspect.picture_grid import PictureGrid
from tui.inspect.screen import InspectScreen
from tui.keymap.entries import entries
from tui.widgets.explanation import Explanation


def picture(path: Path, colour: str = "red") -> str:
    Image.new("RGB", (50, 40), colour).save(path)
    return str(path)


async def inspected(seen: Seen) -> Widget:
    """Inspect the run under the cursor; return the box with its predictions."""
    await seen.press("i")
    await seen.come(lambda: isinstance(seen.app.screen, InspectScreen))
    await seen.come(lambda: bool(seen.app.screen.query("#inspect")))
    box = seen.app.screen.query_one("#inspect")
    await seen.come(lambda: "last weights" in str(box.border_title))
    return box


async def test_a_run_is_inspected_by_keyboard(tmp_path: Path) -> None:
    train()
    path = picture(tmp_path / "a.png")
    async with opened((100, 30)) as seen:
        app = seen.app
        await seen.come(lambda: seen.table.row_count == 1)
        box = await inspected(seen)
        text = "\n".join(str(each.visual) for each in box.query(Static))
        assert "per cent of the images of each class" in text
        assert "\nring" in text
        await seen.press("v")
        await seen.come(lambda: bool(box.query(PictureGrid)))
        await seen.come(lambda: "Mistakes" in str(box.border_title))
        await seen.press("v", "w")
        await seen.come(lambda: "Filters" in str(box.border_title))
        await seen.come(lambda: "best weights:" in str(box.border_title))
        await seen.press("o")
        await seen.come(lambda: typing(app))
        await seen.press(*(tmp_path / "no.png").name, "enter")
        await seen.come(lambda: any("there is no file" in n.message for n in app._notifications))
        await seen.press("o")
        await seen.come(lambda: typing(app))
        app.screen.query_one("Input").value = path  # type: ignore[attr-defined]
        await seen.press("enter")
        await seen.come(lambda: "Picture" in str(box.border_title))
        await seen.press("e")
        folder = store().root / "reports" / "arch-2-1-predictions"
        await seen.come(lambda: (folder / "evaluation.csv").exists())
        await seen.come(lambda: is_png(folder / "picture-a.png"))
        await seen.press("question_mark")
        await seen.come(lambda: isinstance(app.screen, HelpScreen))
        assert isinstance(app.screen, HelpScreen)
        told = entries(app, app.screen._active)
        here = {entry.title for entry in told if not entry.everywhere}
        assert {"View", "Best or last", "A picture", "Export", "Close"} <= here
        await seen.press("question_mark")
        await seen.come(lambda: isinstance(app.screen, InspectScreen))
        await seen.press("escape")
        await until(seen.pilot, lambda: not isinstance(app.screen, InspectScreen))


async def test_no_picture_is_asked_for_while_other_weights_are_read() -> None:
    train()
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await inspected(seen)
        screen = seen.app.screen
        assert isinstance(screen, InspectScreen)
        assert not screen.refusal("picture", ())
        screen.action_best()
        assert screen.refusal("picture", ()) == "these weights are still being read"
        await seen.come(lambda: not screen.refusal("picture", ()))


async def test_the_tabs_stay_and_their_keys_work_beside_a_run() -> None:
    train()
    async with opened() as seen:
        await seen.come(lambda: seen.table.row_count == 1)
        await inspected(seen)
        await seen.come(lambda: "5 Runs" in screen_text(seen.app).split("\n")[0])
        await seen.press("1")
        await seen.come(lambda: not isinstance(seen.app.screen, InspectScreen))
        await seen.come(lambda: shown(seen.app, "configure"))


async def test_a_picture_is_dropped_on_the_terminal(tmp_path: Path) -> None:
    train()
    folder = tmp_path / "my pictures"
    folder.mkdir()
    paths = [picture(folder / f"{name} cat\x1b[2J.png") for name in "ab"]
    async with opened((100, 30)) as seen:
        app = seen.app

        async def drop(text: str) -> None:
            await seen.press("o")
            await seen.come(lambda: typing(app))
            app.screen.query_one("Input").post_message(Paste(text))
            await seen.come(lambda: bool(app.screen.query_one("Input").value))  # type: ignore[attr-defined]
            await seen.press("enter")

        await seen.come(lambda: seen.table.row_count == 1)
        box = await inspected(seen)
        for text in (f"'{paths[0]}' ", Path(paths[1]).as_uri() + "\n"):
            await drop(text)
            await seen.come(lambda: "Picture" in str(box.border_title))
            words = "\n".join(str(each.visual) for each in box.query(Static))
            assert r"\x1b[2J.png" in words
            await seen.press("v")
            await seen.come(lambda: "Picture" not in str(box.border_title))
        await drop("~nosuchuser/cat.png")
        await seen.come(lambda: any("no file ~nosuchuser" in n.message for n in app._notifications))
        await drop(f"'{paths[0]}'\n'{paths[1]}'\n")
        await seen.come(
            lambda: "these are 2 files; name one" in str(app.screen.query_one(Explanation).visual)
        )
        assert isinstance(app.screen, LineScreen)
