"""A few random keys in every pane; `make torture` presses a thousand."""

import pytest

from core.config.experiment import Experiment
from core.runs.session import store
from tests.runs.made import recorded
from torture.keys import Pressed, Presser, Staying, main, press
from tui.app import PANES
from tui.dialogs.help import HelpScreen
from tui.keymap.verbs import VERBS


@pytest.mark.parametrize("pane", PANES)
async def test_random_keys_and_sizes_are_survived(pane: str) -> None:
    recorded(store(), 3)
    told: list[int] = []
    pressed = await press(
        pane, 16, 7, train=False, every=8, tell=lambda so_far: told.append(so_far.keys)
    )
    assert pressed.keys == 16
    assert told == [8, 16]


async def test_each_key_has_been_processed_before_the_next() -> None:
    app = Staying(bell=False, experiment=Experiment.of({"dataset": "synthetic"}))
    presser = Presser(app)
    async with app.run_test(message_hook=presser.on_message) as pilot:
        for name in PANES:
            await presser.press(pilot, VERBS[name].keys[0])
            assert app.pane == name
        assert presser.pressed.above == 0
        await presser.press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await presser.press(pilot, "a")
        assert presser.pressed.above == 1
        await presser.press(pilot, "q")
        assert app.is_running


async def test_a_screen_that_escape_does_not_close_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torture.keys.KEYS", ("question_mark",))
    monkeypatch.setattr(HelpScreen, "BINDINGS", [])
    monkeypatch.setattr(HelpScreen, "action_dismiss", lambda self, result=None: None)
    with pytest.raises(RuntimeError, match="Escape does not lead out of HelpScreen"):
        await press("configure", 40, 0, train=False)


def test_keys_that_did_not_arrive_are_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def few(*_: object, **__: object) -> Pressed:
        return Pressed(keys=3)

    monkeypatch.setattr("torture.keys.press", few)
    monkeypatch.setattr("sys.argv", ["keys", "--keys", "4", "--panes", "runs"])
    assert main() == 1
    assert capsys.readouterr().out == "keys: only 3 of 4 arrived in runs\n"
