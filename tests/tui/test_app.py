"""Tests of the whole app by keyboard, from the first screen to exported figures."""

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets._toast import Toast

from core.config import presets
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import DataError
from core.data.home import saved_models_folder
from core.data.progress import Reading
from core.runs.records import RunState
from core.runs.session import Session, store
from core.training.events import Event, Started
from tests.tui.waiting import screen_text, shown, until
from tui.app import PANES, Convsole
from tui.configure.start_line import StartLine
from tui.dialogs.fetch_offer import FetchOffer
from tui.dialogs.help import HelpScreen
from tui.dialogs.quit import QuitScreen
from tui.frame.header import PaneHeader
from tui.frame.key_footer import KeyFooter
from tui.frame.main_screen import MainScreen
from tui.keymap.entries import entries
from tui.keymap.verbs import VERBS
from tui.messages import ExportDone
from tui.train.log import RunLog
from tui.widgets.field_list import LARGER, SMALLER
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner

SIZES = [(80, 24), (120, 40)]


def synthetic(**changes: object) -> Experiment:
    """Return an experiment so small that the tests do not wait for its training."""
    settings = {"dataset": "synthetic", "architecture": "8x8/4/6", "shards": 1, **changes}
    return presets.load("arch-2").changed(**settings)


def footer(app: Convsole) -> KeyFooter:
    return app.screen.query_one(KeyFooter)


def endless() -> Experiment:
    return synthetic(half_cycle=1_000_000)


def is_png(path: Path) -> bool:
    """Return whether a file exists and begins like a PNG file."""
    return path.exists() and path.read_bytes().startswith(b"\x89PNG")


async def come_to(pilot: Pilot[None], app: Convsole, key: str) -> None:
    """Switch to a pane, and wait until it is visible and has the focus."""
    await pilot.press(key)
    name = next(name for name in PANES if VERBS[name].keys[0] == key)
    await until(pilot, lambda: app.query_one(PaneHeader).current == name)
    await until(pilot, lambda: app.focused is not None and app.focused.is_on_screen)


@pytest.mark.parametrize("size", SIZES)
async def test_start_pause_resume_finish_and_export_by_keyboard(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Convsole(experiment=synthetic(max_updates=200, shards=2))
    runner, pause_pressed = app.runner, threading.Event()
    on_event = runner._on_event

    def handle_and_wait(session: Session, event: Event) -> None:
        on_event(session, event)
        if isinstance(event, Started):  # else a fast machine finishes before the key
            pause_pressed.wait(20)

    monkeypatch.setattr(runner, "_on_event", handle_and_wait)
    async with app.run_test(size=size) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: shown(app, "train"))
        await until(pilot, lambda: runner.state is JobState.RUNNING)
        await pilot.press("p")
        pause_pressed.set()
        await until(pilot, lambda: runner.state is JobState.PAUSED)
        session = runner.session
        assert session is not None
        waiting_at = len(session.history.updates)
        await pilot.pause(0.1)
        assert len(session.history.updates) == waiting_at < 200
        await pilot.press("p")
        await until(pilot, lambda: runner.state is JobState.IDLE)
        assert session.history.result is not None
        assert session.history.result.updates == 200
        await pilot.press("e")
        folder = saved_models_folder() / "arch-2-1"
        figures = [folder / "figures" / f"{name}.png" for name in ("loss", "accuracy", "rate")]
        await until(pilot, lambda: all(map(is_png, figures)))
    assert store().find("latest").state is RunState.FINISHED
    assert (folder / "checkpoint-00000200.safetensors").exists()


async def test_a_stopped_training_is_kept_and_another_can_start() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        for number in (1, 2):
            await pilot.press("g")
            await until(pilot, lambda: app.runner.state is JobState.RUNNING)
            await pilot.press("x")
            await until(pilot, lambda: app.runner.state is JobState.IDLE)
            assert store().find(f"arch-2-{number}").state is RunState.STOPPED


async def test_a_second_training_is_refused_while_one_runs() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        first = app.runner.session
        app.action_start()
        assert app.runner.session is first
        await until(pilot, lambda: any("x stops it" in n.message for n in app._notifications))
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


async def test_what_happens_behind_an_open_help_is_not_missed() -> None:
    app = Convsole(experiment=synthetic(max_updates=30))
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: shown(app, "train"))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
        await until(
            pilot, lambda: any("saved in" in line for _, line in app.query_one(RunLog).lines)
        )


async def test_stop_works_on_a_paused_training() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.PAUSED)
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


async def test_quitting_asks_while_a_training_runs_and_keeps_it() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))

        def told() -> str:
            return str(app.screen.query_one("#what", Static).content)

        assert "A training is at update" in told()
        app.runner.stop()
        await until(pilot, lambda: "Nothing is under way any more." in told())
        await pilot.press("n")
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, QuitScreen))
        assert app.runner.state is JobState.RUNNING
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await pilot.press("y")
        await until(pilot, lambda: not app.is_running)
    assert [run.state for run in store().runs()] == [RunState.STOPPED] * 2


async def test_quitting_asks_nothing_when_nothing_runs() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_a_diverging_training_says_why_and_the_app_goes_on() -> None:
    experiment = synthetic(schedule="constant", eta_max=10, weight_decay=10)
    app = Convsole(experiment=experiment)
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: any("no longer finite" in n.message for n in app._notifications))
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("1")
        await until(pilot, lambda: shown(app, "configure"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (DataError("data_batch_1.bin has 12 bytes"), "data_batch_1.bin has 12 bytes"),
        (MemoryError(), "not enough memory"),
        (ZeroDivisionError("surprise"), "surprise"),
    ],
)
async def test_a_worker_that_fails_says_why_and_the_app_goes_on(
    fault: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise fault

    monkeypatch.setattr(source, "load", load)
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(
            pilot, lambda: any(words in notification.message for notification in app._notifications)
        )
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


async def test_without_cifar10_the_app_offers_to_fetch_it_or_go_on() -> None:
    app = Convsole()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, FetchOffer))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, FetchOffer))
        assert app.dataset() == "synthetic"
        assert app.runner.state is JobState.IDLE


async def test_the_offer_takes_the_start_key() -> None:
    app = Convsole(experiment=presets.load("arch-2").changed(max_updates=20))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, FetchOffer))
        await pilot.press("g")
        await until(pilot, lambda: shown(app, "train") and app.runner.session is not None)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        assert app.runner.session is not None
        assert app.runner.session.history.started is not None
        assert app.runner.session.history.started.dataset == "synthetic"


async def test_configure_says_what_goes_on_while_a_job_runs() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        line = app.query_one(StartLine)
        assert "starts the training" in str(line.render())
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await pilot.press("1")
        await until(pilot, lambda: "shows the training that runs" in str(line.render()))
        await pilot.press("p")
        await until(pilot, lambda: "which is paused" in str(line.render()))
        await pilot.press("x")
        await until(pilot, lambda: "starts the training" in str(line.render()))


async def test_the_pause_key_says_what_it_does() -> None:
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:

        def told() -> set[str]:
            return {key.words for key in footer(app).keys if key.key == "p"}

        await pilot.press("g")
        await until(pilot, lambda: told() == {"Pause"})
        await pilot.press("p")
        await until(pilot, lambda: told() == {"Go on"})
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: told() == {"Pause"})
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)


async def test_leaving_while_images_are_read_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, load = threading.Event(), source.load

    def slow(*what: Any) -> object:
        reading.wait(20)
        return load(*what)

    monkeypatch.setattr(source, "load", slow)
    app = Convsole(experiment=endless())
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.LOADING)
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(app.screen, QuitScreen)
        reading.set()
        await until(pilot, lambda: not app.is_running)


def test_a_job_says_how_far_its_images_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = JobRunner(lambda message: None)
    told: list[Reading | None] = []

    def read(*what: Any) -> object:
        told.append(runner.reading)
        what[3](0.5, "reading")
        told.append(runner.reading)
        raise DataError("there is nothing")

    monkeypatch.setattr(source, "load", read)
    for _ in range(2):
        runner.train(synthetic(), None)
        assert runner._thread is not None
        runner._thread.join()
    assert told == [None, Reading(0.5, "reading")] * 2


async def test_a_pointer_that_moves_across_the_screen_ends_nothing() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(80, 24)) as pilot:
        for row in range(0, 24, 3):
            await pilot.hover(offset=(row * 3, row))
        await pilot.press("2")
        await until(pilot, lambda: app.pane == "train")
        assert app.is_running


@pytest.mark.parametrize("pane", ["1", "2", "3", "6", "8"])
async def test_every_key_is_in_help_and_palette_once(pane: str) -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(80, 60)) as pilot:
        await come_to(pilot, app, pane)
        told = entries(app, app.screen.active_bindings.values())
        assert len({entry.words for entry in told}) == len(told)
        keys = [key for entry in told for key in entry.keys]
        assert len(set(keys)) == len(keys)
        assert {"q", "g", "?", "1", "2", "3", "Tab", "Ctrl+P", "Ctrl+T"} <= set(keys)
        offered = {command.title for command in app.get_system_commands(app.screen)}
        for entry in told:
            possible = not entry.movement and not entry.refused
            assert possible == (f"{entry.title} ({entry.keys[0]})" in offered), entry
        assert not {"Screenshot", "Maximize", "Keys"} & offered


async def test_the_palette_does_what_its_keys_do() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p", *"Keys")
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_what_is_typed_last_into_the_palette_may_be_looked_for_when_it_is_closed() -> None:
    app = Convsole(bell=False)
    async with app.run_test() as pilot:
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        await pilot.press("t")
        await palette.dismiss()
        await until(pilot, lambda: not palette.query(CommandList))
        palette._gather_commands("tra")
        palette._list_visible = not palette._list_visible
        await palette._watch__show_busy()
        await pilot.pause()
        await pilot.press("2")
        await until(pilot, lambda: shown(app, "train"))


async def test_the_palette_is_in_nobodys_way_where_it_has_no_room() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(1, 1)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count > 1)
        await pilot.press("pagedown", "pageup", "down", "home", "end", "ctrl+p", "escape")
        await until(pilot, lambda: not isinstance(app.screen, CommandPalette))
        assert app.is_running


async def test_a_fetch_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data import download

    def fetch(*_: object, **__: object) -> Path:
        raise DataError("cannot fetch it: no connection")

    monkeypatch.setattr(download, "fetch", fetch)
    app = Convsole()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, FetchOffer))
        await pilot.press("y")
        await until(
            pilot,
            lambda: any(
                "no connection" in notification.message for notification in app._notifications
            ),
        )


@pytest.mark.parametrize("pane", ["1", "2", "3", "6", "8"])
async def test_help_lists_the_keys_of_what_has_the_focus(pane: str) -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(80, 60)) as pilot:
        await come_to(pilot, app, pane)
        tooltips = [b.binding.tooltip for b in app.screen.active_bindings.values()]
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))

        await until(pilot, lambda: "Set what will run" in screen_text(app))
        assert any(tooltips)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))


async def test_help_shows_each_action_with_its_own_keys() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(120, 40)) as pilot:
        app.query_one("#settings").focus()

        def keys(words: str) -> list[str]:
            told = entries(app, app.screen.active_bindings.values())
            return [key for entry in told if entry.words == words for key in entry.keys]

        await until(pilot, lambda: keys(SMALLER) == ["←", "h"])
        assert keys(LARGER) == ["→", "l"]


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_where_files_are_is_told_without_cutting_a_name(size: tuple[int, int]) -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=size, notifications=True) as pilot:
        name = "gradients-arch-2-torch-float32-data-10-0.csv"
        parts = [f"folder-{number}" for number in range(9)]
        app.on_export_done(ExportDone(f"{name} in /{'/'.join(parts)}/[b]"))

        await until(pilot, lambda: all(part in screen_text(app) for part in (name, *parts, "[b]")))


async def test_ctrl_c_says_which_key_leaves() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: bool(app._notifications))
        assert [each.message for each in app._notifications] == [
            "q leaves the app; Ctrl+Q leaves it anywhere"
        ]


async def test_every_key_has_an_id_and_a_tooltip() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        for pane in ("1", "2", "3", "6", "8"):
            await come_to(pilot, app, pane)
            for active in app.screen.active_bindings.values():
                ours = type(active.node).__module__.startswith("tui.")
                ours = ours and not isinstance(active.node, MainScreen)  # its keys are Textual's
                if ours and active.binding.key != "ctrl+p":  # Textual binds the palette
                    assert active.binding.id, active.binding
                    assert active.tooltip or active.binding.tooltip, active.binding


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_footer_has_seven_keys_at_most_and_shows_them_whole(
    size: tuple[int, int],
) -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=size) as pilot:
        for pane in ("1", "2", "3", "6", "8"):
            await come_to(pilot, app, pane)
            assert 0 < len(footer(app).keys) <= 7
            assert len(footer(app).places) == len(footer(app).keys)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_footer_of_the_runs_has_room_while_one_trains_and_afterwards(
    size: tuple[int, int],
) -> None:
    app = Convsole(experiment=endless())

    def keys() -> list[str]:
        return [place.key.key for place in footer(app).places]

    async with app.run_test(size=size) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await come_to(pilot, app, "5")
        await until(
            pilot, lambda: keys() == ["space", "slash", "i", "p", "x", "question_mark", "q"]
        )
        app.runner.stop()
        await until(
            pilot, lambda: keys() == ["space", "r", "slash", "i", "g", "question_mark", "q"]
        )


async def test_the_state_has_room_beside_the_panes() -> None:
    app = Convsole(experiment=endless())

    def tab(name: str) -> str:
        """Return the text of a tab; empty if it is not shown."""
        found = app.query_one(f"#tab-{name}")
        return str(found.render()) if found.display else ""

    async with app.run_test(size=(97, 20)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: not app.query_one("#brand").display)
        await pilot.resize_terminal(80, 20)
        await until(pilot, lambda: tab("configure") in ("1 Config", "1"))
        await until(pilot, lambda: tab("train") == "2 Train")
        await until(pilot, lambda: screen_text(app).split("\n")[0].rstrip().endswith("● runs"))
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: (tab("configure"), tab("train")) == ("", "2 Train"))
        await pilot.press("3")
        await until(pilot, lambda: (tab("train"), tab("gradients")) == ("", "3 Gradients"))
        await pilot.resize_terminal(150, 20)
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await until(pilot, lambda: app.query_one("#brand").display)
        await until(pilot, lambda: tab("configure") == "1 Configure")


async def test_a_terminal_that_is_too_small_says_so() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(120, 40)) as pilot:
        for size in ((59, 20), (60, 19), (1, 1)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: app.screen.has_class("too-small"))
            await until(pilot, lambda: not app.query_one(PaneHeader).display)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: not app.screen.has_class("too-small"))
        await until(pilot, lambda: app.query_one(PaneHeader).display)


@pytest.mark.parametrize(("size", "keys"), [((40, 10), ""), ((120, 40), "123456")])
async def test_nothing_is_painted_while_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], keys: str
) -> None:
    app, painted = Convsole(experiment=synthetic()), []
    display = app._display

    def count(*what: Any) -> None:
        painted.append(what)
        display(*what)

    async def quiet() -> None:
        for _ in range(20):
            before = len(painted)
            await pilot.pause(0.4)
            if len(painted) == before:
                return
        raise AssertionError("it is painted without end")

    monkeypatch.setattr(app, "_display", count)
    async with app.run_test(size=size) as pilot:
        await quiet()
        assert painted
        for key in keys:
            await come_to(pilot, app, key)
            await quiet()


@pytest.mark.parametrize("key", ["1", "2", "5"])
async def test_keys_work_again_after_a_terminal_was_too_small(key: str) -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(80, 24)) as pilot:
        await come_to(pilot, app, key)
        focused = app.focused
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: app.screen.has_class("too-small") and app.focused is None)
        await pilot.resize_terminal(40, 10)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.focused is focused)


async def test_brackets_in_what_is_said_are_text() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        words = "took back the name of [/x] and lr [0.1] [b]old[/b]"
        app.notify(words)
        app.query_one(PaneHeader).notify(words)
        await until(pilot, lambda: len(app.screen.query(Toast)) == 2)
        for toast in app.screen.query(Toast):
            assert words in str(toast.render())


async def test_the_theme_changes_with_a_key() -> None:
    app = Convsole(experiment=synthetic())
    async with app.run_test() as pilot:
        assert app.current_theme.dark
        await pilot.press("ctrl+t")
        await until(pilot, lambda: not app.current_theme.dark)


async def test_a_dialog_closed_in_a_terminal_too_small_leaves_the_focus_where_it_was() -> None:
    app = Convsole()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "1", "2")
        pane = app.focused
        await pilot.press("question_mark")
        await pilot.resize_terminal(59, 20)
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not app.screen.has_class("too-small"))
        await until(pilot, lambda: app.focused is pane)


@pytest.mark.parametrize(
    ("pane", "keys"), [("1", "gf"), ("2", "g"), ("3", "g"), ("4", "gi"), ("5", "g"), ("6", "g")]
)
async def test_a_key_beside_another_job_says_what_is_under_way(pane: str, keys: str) -> None:
    app = Convsole(experiment=endless())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await come_to(pilot, app, pane)
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: "✗ a training runs; x stops it" in screen_text(app))
            assert app.runner.state is JobState.RUNNING
            await pilot.press("down")
            await until(pilot, lambda: not footer(app).refused)


async def test_body_header_and_footer_change_in_the_same_frame() -> None:
    app = Convsole(experiment=synthetic())

    def keys() -> list[str]:
        return [key.key for key in footer(app).keys]

    async with app.run_test(size=(120, 40)) as pilot:
        settled = {}
        for key in ("1", "2", "3", "4", "5", "6", "8"):
            await come_to(pilot, app, key)
            # What a pane has read gives it more keys.
            await app.workers.wait_for_complete()
            await pilot.pause()
            settled[app.pane] = keys()
        for name in ("train", "runs", "configure", "data", "reproduce", "benchmark", "gradients"):
            await app._show(name)
            # Nothing has been painted since.
            assert app._panes.current == app.query_one(PaneHeader).current == name
            assert keys() == settled[name]


class Framed(Convsole):
    """Remembers which pane was asked for, and which had a place on the screen, in each frame."""

    panes_drawn: list[tuple[str, str | None]]

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if hasattr(self, "panes_drawn"):
            drawn = (pane.id for pane in self._panes.children if pane in screen._compositor)
            self.panes_drawn.append((self.pane, next(drawn, None)))


async def test_the_first_frame_after_a_number_key_has_the_new_pane() -> None:
    app = Framed(experiment=synthetic())
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("1", "2", "3", "4", "5", "6", "8"):
            await come_to(pilot, app, key)
        for name in PANES:
            await pilot.pause()
            app.panes_drawn = []
            await come_to(pilot, app, VERBS[name].keys[0])
            # A pane that has read something may be painted before the key arrives.
            await until(pilot, lambda wanted=name: wanted in dict(app.panes_drawn))
            # Painting the former pane once more would take as long as painting this one.
            assert next(drawn for asked, drawn in app.panes_drawn if asked == name) == name


async def test_the_training_waits_only_while_a_change_of_panes_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Convsole(experiment=endless())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        begun: list[str] = []
        begin, hold = app.runner.hold.begin, app.runner.hold
        monkeypatch.setattr(hold, "begin", lambda: (begun.append(app.pane), begin()))
        await come_to(pilot, app, "5")
        assert begun == ["runs"]
        await until(pilot, lambda: hold._free.is_set())
