"""Tests of the editor of the layers within a layer, by keyboard."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.config import presets
from core.config.experiment import Experiment
from core.layers.conv import Conv
from core.layers.registry import kinds
from core.layers.spec import LayerSpec
from tests.tui.configure.made import ConfigureStage, drawn
from tui.configure.branch_editor import BranchEditor
from tui.configure.layer_editor import LayerEditor
from tui.configure.layer_edits import branch
from tui.configure.layer_table import LayerTable
from tui.widgets.explanation import Explanation

RESNET = presets.load("resnet")
NESTED = Experiment.of(
    {
        "architecture": [
            {
                "kind": "residual",
                "layers": [{"kind": "residual", "layers": [{"kind": "gelu"}]}, {"kind": "relu"}],
            },
            {"kind": "linear", "units": 10},
        ]
    }
)


def inner(app: ConfigureStage, index: int = 3) -> tuple[LayerSpec, ...]:
    """Return the layers within a layer of the network."""
    return branch(app.pane.experiment.architecture[index])


def inner_of(experiment: Experiment) -> tuple[LayerSpec, ...]:
    return branch(experiment.architecture[3])


def names(layers: tuple[LayerSpec, ...]) -> list[str]:
    return [layer.kind for layer in layers]


def said(app: ConfigureStage) -> str:
    return str(app.screen.query_one(Explanation).render())


async def opened(pilot: Pilot[None], app: ConfigureStage) -> LayerTable:
    """Open the first residual layer of resnet."""
    app.table.focus()
    await pilot.press("down", "down", "down", "enter")
    assert isinstance(app.screen, BranchEditor)
    return app.screen.query_one(LayerTable)


async def test_enter_on_a_residual_layer_opens_its_layers() -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(80, 24)) as pilot:
        table = await opened(pilot, app)
        assert str(table.border_title) == "Layer 4 ─ residual, 5 layers"
        assert [line.split()[0] for line in drawn(table)] == ["1▸conv", "2", "3", "4", "5"]
        assert said(app).startswith("Layer 4.1, conv 3x3, 16 filters, padding 1: 2-D convolution")
        await pilot.press("escape")
        assert not isinstance(app.screen, BranchEditor)
        assert app.pane.experiment == RESNET


async def test_a_layer_is_added_and_the_network_has_it_at_once() -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("end", "a", *["down"] * list(kinds()).index("gelu"), "enter")
        assert names(inner(app)) == ["conv", "batchnorm", "relu", "conv", "batchnorm", "gelu"]
        assert said(app).startswith("Layer 4.6, gelu")
        await pilot.press("K")
        assert names(inner(app))[-2:] == ["gelu", "batchnorm"]
        assert said(app).startswith("Layer 4.5, gelu")
        await pilot.press("d")
        assert inner(app) == branch(RESNET.architecture[3])


async def test_an_inner_layer_has_its_own_editor_and_its_place_in_the_title() -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        assert isinstance(app.screen, LayerEditor)
        assert app.screen.query_one("#layer-editor").border_title == "Layer 4.1 ─ conv"
        formula = str(app.screen.query_one("#formula").render())
        assert formula == f"output = {RESNET.architecture[0].formula}"
        await pilot.press("down", "right")
        assert inner(app)[0].model_dump()["filters"] == 17
        await pilot.press("escape", "escape")
        assert app.pane.experiment.architecture[3].title() == "residual, 5 layers"


async def test_what_makes_no_network_is_refused_where_it_was_tried() -> None:
    app = ConfigureStage(NESTED)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.focus()
        await pilot.press("enter", "d", "d")
        assert names(inner(app, 0)) == ["relu"]
        assert said(app) == "✗ it has 0 layers; it needs 1 to 64"
        await pilot.press("a", *["down"] * list(kinds()).index("globalpool"), "enter")
        assert "the branch makes (3,) of an input of (32, 32, 3)" in said(app)
        assert names(inner(app, 0)) == ["relu"]


async def test_layers_within_layers_within_layers() -> None:
    app = ConfigureStage(NESTED)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.focus()
        await pilot.press("enter", "enter")
        table = app.screen.query_one(LayerTable)
        assert str(table.border_title) == "Layer 1.1 ─ residual, 1 layer"
        await pilot.press("enter")
        assert said(app).startswith("✗ a gelu layer has no numbers of its own; each output is")
        await pilot.press("a", *["down"] * list(kinds()).index("relu"), "enter")
        assert names(branch(inner(app, 0)[0])) == ["gelu", "relu"]
        await pilot.press("escape")
        assert said(app).startswith("Layer 1.1, residual, 2 layers")
        await pilot.press("escape")
        assert not isinstance(app.screen, BranchEditor)


async def test_changes_are_undone_one_by_one_inside_and_together_outside() -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("end", "d", "d")
        assert len(inner(app)) == 3
        await pilot.press("u")
        assert len(inner(app)) == 4
        await pilot.press("U")
        assert len(inner(app)) == 3
        await pilot.press("escape", "u")
        assert app.pane.experiment == RESNET


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_it_looks_as_it_should(snap_compare, size) -> None:
    keys = ["tab", "down", "down", "down", "enter", "down"]
    assert snap_compare(ConfigureStage(RESNET), terminal_size=size, press=keys)


@pytest.mark.parametrize(
    ("typed", "filter_", "padding"), [("5", 5, 2), ("3x5", (3, 5), (1, 2)), ("1", 1, 0)]
)
async def test_a_filter_takes_its_padding_along_where_the_size_must_stay(
    typed: str, filter_: int | tuple[int, int], padding: int | tuple[int, int]
) -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter", "enter")
        field = app.screen.query_one(Input)
        field.value = typed
        await pilot.press("enter")
        conv = inner(app)[0]
        assert isinstance(conv, Conv)
        assert (conv.filter, conv.padding) == (filter_, padding)
        await pilot.press("u")
        assert inner(app)[0] == inner_of(RESNET)[0]


async def test_a_filter_that_no_padding_helps_is_refused() -> None:
    app = ConfigureStage(RESNET)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter", "right")
        assert "no 1x1 convolution" in said(app)
        assert inner(app)[0] == inner_of(RESNET)[0]
