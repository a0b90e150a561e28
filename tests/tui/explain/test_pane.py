"""The Explain pane by keyboard and by mouse."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.pilot import Pilot

from core.config import presets
from core.data import home
from core.errors import ExplainError
from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.relu import Relu
from core.runs.session import store
from tests.explain.subjects import images, subject
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.explain import source
from tui.explain.chain_list import ChainList
from tui.explain.pane import ExplainPane
from tui.explain.source import Network
from tui.explain.value_map import ValueMap
from tui.explain.walk import Stand
from tui.messages import ExplainLayer
from tui.worker.messages import JobState

SIZES = [(60, 20), (80, 24), (120, 40)]


def stage(**changes: Any) -> Convsole:
    small = {"dataset": "synthetic", "max_updates": 30, "evaluate_every": 10}
    return Convsole(experiment=presets.load("arch-2").changed(**{**small, **changes}))


async def traced(pilot: Pilot[None], app: Convsole) -> ExplainPane:
    """Open the pane, and wait for the first trace."""
    await pilot.press("7")
    await until(pilot, lambda: shown(app, "explain"))
    pane = app.query_one(ExplainPane)
    await until(pilot, lambda: pane._walk is not None and not pane._works)
    await pilot.pause()
    return pane


def here(pane: ExplainPane) -> Stand:
    assert pane._walk is not None
    return pane._walk.here


@pytest.mark.parametrize("size", SIZES)
async def test_a_person_walks_by_keyboard_from_a_logit_to_a_pixel(size: tuple[int, int]) -> None:
    app = stage()
    async with app.run_test(size=size) as pilot:
        pane = await traced(pilot, app)
        assert here(pane).name == "linear2"
        assert "linear2" in screen_text(app)
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(app.focused, ValueMap))
        for layer in ("relu2", "linear1", "flatten1", "relu1", "conv1", "input", "bytes"):
            await pilot.press("enter")
            await until(pilot, lambda layer=layer: here(pane).name == layer)
        await pilot.press("backspace")
        await until(pilot, lambda: here(pane).name == "input")
        before = here(pane).at
        await pilot.press("up", "left", "pagedown")
        after = here(pane).at
        assert (after[0] - before[0], after[1] - before[1]) == (-1, -1)
        assert after[2] == (before[2] + 1) % 3
        await pilot.press("v")
        await until(pilot, lambda: here(pane).gradients)
        assert "gradient of input" in screen_text(app)


async def test_the_list_leads_to_every_layer() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        chain = app.query_one(ChainList)
        assert app.focused is chain
        await pilot.press("home")
        await until(pilot, lambda: here(pane).name == "bytes")
        await pilot.press("v")
        await pilot.pause()
        assert not here(pane).gradients
        assert "bytes has no gradient" in screen_text(app)
        await pilot.press("down", "down")
        await until(pilot, lambda: here(pane).name == "conv1")
        await pilot.press("end")
        await until(pilot, lambda: here(pane).name == "loss")


async def test_other_images_come_by_key() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        assert "test image 0" in screen_text(app)
        await pilot.press("full_stop")
        await until(pilot, lambda: "test image 1" in screen_text(app))
        await pilot.press("comma", "comma")
        await until(pilot, lambda: "test image 1,999" in screen_text(app))
        await pilot.press("M")
        await until(pilot, lambda: "✗ taken for" in screen_text(app) and not pane._works)
        label = pane._traced and pane._traced.trace.label
        await pilot.press("C")
        await until(pilot, lambda: pane._traced is not None and pane._traced.trace.label != label)


async def test_a_run_is_looked_into_with_its_last_and_its_best_weights() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("w")
        await pilot.pause()
        assert "there is no run yet" in screen_text(app)
        await pilot.press("2", "g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("7")
        await until(pilot, lambda: shown(app, "explain"))
        untrained = pane._walk and pane._walk.explained.value
        await pilot.press("w")
        await until(pilot, lambda: "last weights, after 30 updates" in screen_text(app))
        assert pane._walk is not None
        assert pane._walk.explained.value != untrained
        await pilot.press("w")
        await until(pilot, lambda: "best weights" in screen_text(app))
        await pilot.press("w", "T")
        await until(pilot, lambda: "untrained, in its batch" in screen_text(app))


async def test_a_picture_file_and_a_wrong_one() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await pilot.press("o")
        await pilot.press(*"nowhere.png", "enter")
        await until(pilot, lambda: "✗ there is no file" in screen_text(app))
        file = Path("picture.png").absolute()
        Image.fromarray(np.full((40, 50, 3), 200, np.uint8)).save(file)
        await pilot.press("o")
        await pilot.press(*str(file).replace("/", "/"), "enter")
        await until(pilot, lambda: "picture.png, taken for" in screen_text(app))
        file.unlink()


async def test_a_click_moves_the_cursor_and_a_second_goes_into_it() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("home", "down", "down")
        await until(pilot, lambda: here(pane).name == "conv1")
        await pilot.click(ValueMap, offset=(3, 1))
        await until(pilot, lambda: here(pane).at[:2] == (0, 0))
        await pilot.click(ValueMap, offset=(3, 1), times=2)
        await until(pilot, lambda: here(pane).name == "input")


async def test_all_channels_are_seen_at_a_glance() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("home", "down", "down", "tab", "O")
        await until(pilot, lambda: "conv1, all 10" in screen_text(app))
        channel = here(pane).at[2]
        await pilot.press("left" if channel else "right")
        await until(pilot, lambda: here(pane).at[2] != channel)
        at = here(pane).at
        await pilot.press("enter")
        await until(pilot, lambda: f"conv1, channel {at[2]} of 0-9" in screen_text(app))
        assert here(pane).at == at
        await pilot.press("O")
        await pilot.click(ValueMap, offset=(4, 2))
        await until(pilot, lambda: here(pane).at[2] == 0)


async def test_the_pointer_shows_the_value_under_it() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("home", "down", "down")
        await until(pilot, lambda: here(pane).name == "conv1")
        scale = str(app.query_one(ValueMap).border_subtitle)
        await pilot.hover(ValueMap, offset=(3, 1))
        await until(pilot, lambda: "conv1 0,0," in screen_text(app))
        await pilot.hover(ChainList)
        await until(pilot, lambda: str(app.query_one(ValueMap).border_subtitle) == scale)


async def test_a_weight_tells_of_what_its_next_step_is_made() -> None:
    app = stage(weight_decay=0.01)
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("B")
        await until(pilot, lambda: "from lambda" in screen_text(app))
        assert here(pane).name == "linear2.weight"
        assert "the next update, at the rate" in screen_text(app)
        await pilot.press("B", "B")
        await until(pilot, lambda: here(pane).name == "linear2")
        await pilot.press("up", "B")
        await pilot.pause()
        assert "relu2 has no weights" in screen_text(app)


async def test_an_update_that_cannot_be_computed_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def fail(subject: object, dataset: object) -> None:
        asked.append(subject)
        raise ExplainError("there is none")

    monkeypatch.setattr(source, "next_batch", fail)
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await pilot.press("B")
        await until(pilot, lambda: "✗ there is none" in screen_text(app))
        await pilot.press("tab", "up", "left")
        await pilot.pause(0.3)
        assert "✗ there is none" in screen_text(app)
        assert len(asked) == 1


async def test_the_gradient_of_a_logit_instead_of_that_of_the_loss() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("v")
        await until(pilot, lambda: "d loss / d linear2" in screen_text(app))
        await pilot.press("Y")
        await until(pilot, lambda: "d logit" in screen_text(app))
        assert pane._walk is not None
        assert pane._walk.explained.value == 1.0
        await pilot.press("Y")
        await until(pilot, lambda: "d loss / d linear2" in screen_text(app))


async def test_noise_and_the_mean_image_are_looked_at() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("I")
        await until(pilot, lambda: "noise 0, taken for" in screen_text(app))
        await pilot.press("equals_sign")
        await pilot.pause()
        assert "this is no image of the test set" in screen_text(app)
        await pilot.press("I")
        await until(pilot, lambda: "mean of the training images" in screen_text(app))
        await pilot.press("I")
        await until(pilot, lambda: "test image 0" in screen_text(app))
        label = pane._traced and pane._traced.trace.label
        await pilot.press("equals_sign")
        await until(pilot, lambda: "test image 0" not in screen_text(app))
        assert pane._traced is not None
        assert pane._traced.trace.label == label


async def test_a_step_is_tried_and_thrown_away() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        assert pane._traced is not None
        first = pane._traced.trace
        await pilot.press("D")
        await until(pilot, lambda: "after 1 step on this image" in screen_text(app))
        assert "moved" in screen_text(app)
        assert pane._traced.trace.loss < first.loss
        await pilot.press("D")
        await until(pilot, lambda: "after 2 steps on this image" in screen_text(app))
        await pilot.press("u", "u")
        await until(pilot, lambda: "on this image" not in screen_text(app))
        assert pane._traced.trace.loss == first.loss
        await pilot.press("u")
        await pilot.pause()
        assert "no step was tried" in screen_text(app)
        await pilot.press("D", "full_stop")
        await until(pilot, lambda: "test image 1" in screen_text(app))
        assert not pane._traced.trials


async def test_what_is_traced_anew_says_that_nothing_has_changed() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await pilot.press("g")
        await until(pilot, lambda: "traced anew; nothing has changed" in screen_text(app))


async def test_a_training_is_played_from_its_beginning_to_its_end() -> None:
    app = stage(kept_checkpoints=5)
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("E")
        await until(pilot, lambda: "there is no run yet" in screen_text(app))
        await pilot.press("2", "g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("7")
        await until(pilot, lambda: shown(app, "explain"))
        await pilot.press("E")
        await until(pilot, lambda: "before the first update" in screen_text(app))
        assert "plays, E stops it" in screen_text(app)
        await until(pilot, lambda: not pane._plays and not pane._works)
        assert "after 30 updates" in screen_text(app)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "these are the last weights" in screen_text(app))
        await pilot.press("less_than_sign")
        await until(pilot, lambda: "after 24 updates" in screen_text(app))


async def test_a_run_is_looked_into_from_the_other_panes() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("X")
        await until(pilot, lambda: shown(app, "explain"))
        await until(pilot, lambda: "last weights, after 30 updates" in screen_text(app))
        await pilot.press("5")
        await until(pilot, lambda: shown(app, "runs"))
        await until(pilot, lambda: "arch-2" in screen_text(app))
        await pilot.press("X")
        await until(pilot, lambda: shown(app, "explain"))


async def test_without_colour_signs_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("home", "down", "down")
        await until(pilot, lambda: here(pane).name == "conv1")
        assert "<>" in screen_text(app)
        await pilot.press("O")
        await until(pilot, lambda: "++" in screen_text(app))


async def test_a_picture_that_cannot_be_read_is_not_asked_for_again() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await pilot.press("o")
        await pilot.press(*"nowhere.png", "enter")
        await until(pilot, lambda: "✗ there is no file" in screen_text(app))
        await pilot.press("D")
        await until(pilot, lambda: "after 1 step on this image" in screen_text(app))
        assert "nowhere" not in screen_text(app)


async def test_a_run_that_is_deleted_meanwhile_leaves_the_untrained_weights() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("2", "g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("X")
        await until(pilot, lambda: "last weights, after 30 updates" in screen_text(app))
        run = pane._chosen
        assert run is not None
        store().delete(run)
        await pilot.press("full_stop")
        await until(pilot, lambda: "test image 1" in screen_text(app))
        assert pane._chosen is not None  # a deletion can be taken back
        for _ in range(3):
            await pilot.press("w")
            await until(pilot, lambda: not pane._works)
            if "untrained" in screen_text(app):
                break
        await until(pilot, lambda: "untrained" in screen_text(app))


async def test_the_gradient_of_a_weight_is_summed_up_by_class() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await pilot.press("T", "B", "v")
        await until(pilot, lambda: "by class: " in screen_text(app))
        await until(pilot, lambda: " images, a shard" in screen_text(app))


async def test_remarks_on_the_weights_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (32, 32, 3)
    dataset: Any = SimpleNamespace(test=images(shape, 5))
    made = Network(subject(SPECS, shape), dataset, "arch-2", ("earlier weights are used",))
    monkeypatch.setattr(source, "network_of", lambda *_: made)
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await traced(pilot, app)
        await until(pilot, lambda: "earlier weights are used" in screen_text(app))


async def test_a_value_is_exported_as_a_picture() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("e")
        file = home.saved_models_folder() / "explained" / "linear2-4.png"
        await until(pilot, lambda: file.exists() and not pane._exporting)
        assert file.read_bytes().startswith(b"\x89PNG")


SPECS = (
    Conv(filter=4, filters=10, stride=4),
    Relu(),
    Linear(units=20),
    Relu(),
    Linear(units=10),
)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_the_pane_looks_as_it_should(
    snap_compare: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The built-in images are not the same to the bit on every processor.
    shape = (32, 32, 3)
    dataset: Any = SimpleNamespace(test=images(shape, 5))
    made = Network(subject(SPECS, shape), dataset, "arch-2, untrained")
    monkeypatch.setattr(source, "network_of", lambda *_: made)

    async def walk(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, Convsole)
        pane = await traced(pilot, app)
        await pilot.press("tab", "enter", "enter", "enter", "enter", "enter")
        await until(pilot, lambda: here(pane).name == "conv1")
        await pilot.pause()

    assert snap_compare(stage(), terminal_size=size, run_before=walk)


async def test_a_layer_is_shown_on_request_with_the_weights_of_the_run() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.session is not None and not app.runner.busy)
        await until(pilot, lambda: shown(app, "train"))
        app.post_message(ExplainLayer("relu1"))
        await until(pilot, lambda: shown(app, "explain"))
        pane = app.query_one(ExplainPane)
        await until(pilot, lambda: pane._walk is not None and not pane._works)
        assert here(pane).name == "relu1"
        assert "last weights, after 30 updates" in pane.about
        pane.show_layer("linear1")
        await until(pilot, lambda: not pane._works)
        assert here(pane).name == "linear1"
        pane.show_layer("none of these")
        await until(pilot, lambda: not pane._works)
        assert here(pane).name == "linear1"


async def test_without_a_run_a_layer_of_the_untrained_network_is_shown() -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await traced(pilot, app)
        pane.show_layer("conv1")
        await until(pilot, lambda: not pane._works)
        assert here(pane).name == "conv1"
        assert "untrained" in pane.about


async def test_every_key_of_a_burst_counts() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("up", "up", "up")  # to relu2: a vector in rows
        app.query_one(ValueMap).focus()
        await pilot.press("home")
        for _ in range(5):
            app.simulate_key("right")
        app.simulate_key("down")
        app.simulate_key("v")
        await until(pilot, lambda: here(pane).gradients)
        form = pane._walk and pane._walk.form
        assert form
        assert form.cell(here(pane).at) == (1, 5)


async def test_the_likeliest_class_is_followed_from_image_to_image() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        assert here(pane).name == "linear2"
        await pilot.press("up")
        await pilot.press("Y")
        await until(pilot, lambda: pane._walk and pane._walk.trace.of is not None)
        await pilot.press("down")
        for number in range(1, 6):
            await pilot.press("full_stop")
            await until(pilot, lambda n=number: f"test image {n}," in screen_text(app))  # type: ignore[misc]
            walk = pane._walk
            assert walk is not None
            assert walk.trace.of == walk.trace.probabilities.argmax()
            assert here(pane).at == (walk.trace.of,)


async def test_gradients_come_back_behind_a_layer_without_any() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        pane = await traced(pilot, app)
        await pilot.press("v", "home")
        await until(pilot, lambda: here(pane).name == "bytes")
        assert not here(pane).gradients
        await pilot.press("down")
        await until(pilot, lambda: here(pane).name == "input")
        assert here(pane).gradients
