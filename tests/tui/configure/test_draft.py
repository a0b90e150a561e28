"""Tests of the experiment being edited, without a screen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import plan as planning
from core.config import presets
from core.config.experiment import FIELDS_BY_NAME, Experiment, SettingError
from core.layers.conv import Conv
from core.layers.flatten import Flatten
from core.layers.linear import Linear
from core.layers.registry import kinds
from core.layers.relu import Relu
from tui.configure import layer_edits
from tui.configure.draft import Draft, in_words
from tui.configure.unused_settings import unused


@pytest.fixture
def draft() -> Draft:
    return Draft(presets.load("arch-2"), "cifar10")


def test_every_preset_can_be_started_from(draft):
    assert [name for name, _, _ in draft.entries] == list(presets.ORDER)
    for name in presets.ORDER:
        draft.choose(name)
        assert draft.present == draft.base == presets.load(name)
        assert draft.plan().parameters > 0


def test_going_through_presets_is_undone_as_one(draft):
    for name in ("arch-3", "arch-4", "final"):
        draft.choose(name)
    draft.undo()
    assert draft.present == presets.load("arch-2")


def test_in_words_are_the_short_form_or_the_depth_and_the_length():
    assert in_words(presets.load("arch-2")) == ("4x4/10/50", "4,800 updates")
    assert in_words(presets.load("lenet")) == ("11 layers", "3,200 updates")


def test_a_change_keeps_what_it_started_from(draft):
    draft.change(eta_max=0.2)
    assert draft.present.eta_max == 0.2
    assert draft.base == presets.load("arch-2")


def test_settings_that_do_not_fit_together_are_refused(draft):
    with pytest.raises(SettingError, match="above eta_max"):
        draft.change(eta_min=0.5)
    assert draft.present == presets.load("arch-2")


def test_an_impossible_network_is_refused_with_layer_and_shapes(draft):
    layers = layer_edits.inserted(draft.present.architecture, 0, Conv(filter=9))
    with pytest.raises(SettingError, match=r"layer 2 .*9x9 filter.*8 ?x ?8"):
        draft.change(architecture=layers)
    assert draft.present == presets.load("arch-2")


def test_an_experiment_from_elsewhere_is_a_base_of_its_own(draft):
    own = presets.load("arch-2").changed(name="mine", seed=7)
    draft.take(own)
    draft.change(seed=8)
    assert draft.base == own
    draft.undo()
    draft.undo()
    assert draft.present == presets.load("arch-2")


def test_an_experiment_of_ones_own_stands_first():
    own = presets.load("arch-2").changed(name="mine")
    assert Draft(own, "cifar10").entries[0][0] == "mine"


def test_out_of_an_impossible_state_every_step_is_allowed(draft):
    draft.change(validation_size=10_000, batch_size=2000)
    draft.dataset = "synthetic"
    with pytest.raises(SettingError):
        draft.plan()
    assert draft.reason(seed=1) is None
    draft.change(batch_size=500)
    assert draft.plan().updates_per_epoch == 2
    assert draft.reason(batch_size=2000), "back in, the step out is refused again"


def added(draft, kind, index):
    present, judge = draft.present, lambda layers: draft.reason(architecture=layers)
    return layer_edits.added(present.architecture, index, kind, 10, judge)


@pytest.mark.parametrize("kind", list(kinds()))
@pytest.mark.parametrize("preset", ["arch-2", "lenet", "conv1d"])
def test_an_added_layer_fits_or_is_refused_with_its_number(kind, preset):
    layers = presets.load(preset).architecture
    for index in range(len(layers)):
        draft = Draft(presets.load(preset), "cifar10")
        new, reason = added(draft, kind, index)
        if new is None:
            assert "layer" in reason
        else:
            assert len(new) == len(layers) + 1
            assert new[index + 1].kind == kind
            draft.change(architecture=new)
            draft.plan()


def test_a_convolution_and_a_pool_fit_below_the_first_layer(draft):
    for kind, index in (("conv", 0), ("pool", 1)):
        draft.change(architecture=added(draft, kind, index)[0])
    assert [layer.kind for layer in draft.present.architecture[:3]] == ["conv", "conv", "pool"]


def test_a_linear_layer_at_the_end_gets_a_unit_for_each_class(draft):
    assert added(draft, "linear", 4)[0][-1] == Linear(units=10)


LAYERS = (Conv(), Relu(), Flatten(), Linear(units=10))


def test_layers_are_inserted_deleted_moved_and_replaced():
    a, b, c, d = LAYERS
    assert layer_edits.inserted(LAYERS, 0, d) == (a, d, b, c, d)
    assert layer_edits.deleted(LAYERS, 1) == (a, c, d)
    assert layer_edits.moved(LAYERS, 0, 1) == (b, a, c, d)
    assert layer_edits.moved(LAYERS, 3, -1) == (a, b, d, c)
    assert layer_edits.replaced(LAYERS, 2, b) == (a, b, b, d)


@pytest.mark.parametrize(("index", "by"), [(0, -1), (3, 1)])
def test_a_layer_stops_at_either_end(index, by):
    assert layer_edits.moved(LAYERS, index, by) == LAYERS


def test_every_kind_has_words_and_something_to_add():
    for kind, spec in kinds().items():
        assert spec.words
        assert {layer.kind for layer in spec.candidates(10)} == {kind}


def variants() -> list[Experiment]:
    start = presets.load("final")
    return [
        start,
        start.changed(schedule="constant"),
        start.changed(schedule="one-cycle"),
        start.changed(schedule="one-cycle", cycles=1, momentum=0.9),
        start.changed(cycles=1),
        start.changed(augmentation="none"),
        start.changed(augmentation="fresh"),
    ]


def rates(experiment: Experiment) -> list[float]:
    schedule = planning.plan(experiment).schedule
    at = np.linspace(0, experiment.total_updates - 1, 50).astype(int)
    return [schedule.rate(int(update)) for update in at]


@pytest.mark.parametrize("experiment", variants())
@pytest.mark.parametrize(
    "name", ["eta_min", "eta_max", "half_cycle", "cycles", "growth", "decay", "warmup"]
)
def test_a_setting_of_the_schedule_is_unused_exactly_where_it_changes_nothing(experiment, name):
    field = FIELDS_BY_NAME[name]
    lower = experiment.changed(**{name: field.stepped(getattr(experiment, name), -1)})
    if name == "cycles" and experiment.cycles == 1:
        lower = experiment.changed(cycles=2)
    same = lower.total_updates == experiment.total_updates and rates(lower) == rates(experiment)
    assert (name in unused(experiment)) == same


@pytest.mark.parametrize("experiment", variants())
def test_copies_are_unused_exactly_where_they_change_nothing(experiment):
    more, plan = planning.plan(experiment.changed(copies=30_000)), planning.plan(experiment)
    same = (more.data_bytes, more.epochs) == (plan.data_bytes, plan.epochs)
    assert ("copies" in unused(experiment)) == same


@pytest.mark.parametrize("experiment", variants())
def test_looking_ahead_is_unused_without_momentum(experiment):
    assert ("nesterov" in unused(experiment)) == (experiment.momentum == 0)


@given(st.sampled_from(variants()))
def test_every_unused_setting_exists_and_says_why(experiment):
    for name, reason in unused(experiment).items():
        assert name in FIELDS_BY_NAME
        assert reason.startswith("no effect")
