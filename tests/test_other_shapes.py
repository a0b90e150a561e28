"""A data set of 28x28 grey images in five classes, through everything that there is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.benchmark.torch_peer import AS_WRITTEN, TorchPeer, Variant
from core.checks import gradients
from core.checks.settings import CheckSettings
from core.config import presets
from core.config.experiment import Experiment
from core.data.dataset import DataError
from core.errors import StoreError
from core.plan import plan
from core.predictions.choice import choose
from core.predictions.evaluation import evaluate
from core.predictions.model import Model
from core.runs.records import RunState
from core.runs.session import Session, store
from core.settings import SettingError
from core.training.events import Event, Finished, UpdateDone
from core.training.trainer import Trainer
from tests.data import letters
from tests.nn.harness import torch_module
from tests.predictions.test_onnx_graph import judged, made_bytes
from tests.tui.cli.commands import refused, run
from tests.tui.waiting import screen_text, shown, until
from tui.app import Convsole
from tui.train.pane import TrainPane
from tui.worker.messages import JobState

CONVOLUTIONS = [
    {"kind": "conv", "filters": 6, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "pool"},
    {
        "kind": "residual",
        "layers": [{"kind": "conv", "filters": 8, "padding": 1, "stride": 2}],
    },
    {"kind": "linear", "units": 5},
]


@pytest.fixture(autouse=True)
def known_letters() -> Iterator[None]:
    with letters.known_set():
        yield


def experiment(**values: Any) -> Experiment:
    """Return a short training on the letters, in 60 updates of 20 images."""
    short = {"batch_size": 20, "max_updates": 60, "evaluate_every": 20, "name": "letters"}
    architecture = {"architecture": "4x4/6/20"}
    return Experiment.of({**letters.FIT, **short, **architecture, **values})


def test_the_last_layer_has_a_unit_for_each_class() -> None:
    assert experiment().architecture[-1].model_dump()["units"] == 5
    assert experiment().short_form == "4x4/6/20"
    assert 'architecture = "4x4/6/20"' in experiment().to_toml()
    assert Experiment.from_toml(experiment().to_toml()) == experiment()
    for name in presets.ORDER:
        preset = presets.load(name)
        there = preset.changed(**letters.FIT)
        assert there.architecture[-1].model_dump()["units"] == 5, name
        assert there.architecture[:-1] == preset.architecture[:-1]
        assert there.changed(dataset="auto").architecture == preset.architecture


def test_a_plan_counts_its_pixels_and_classes() -> None:
    made = plan(experiment())
    assert [row.output_shape for row in made.rows][:1] == [(7, 7, 6)]
    assert made.parameters == (16 * 6 + 6) + (294 * 20 + 20) + (20 * 5 + 5)
    assert made.updates_per_epoch == 500 // 20
    with pytest.raises(SettingError, match="must be linear with 5 units, one for each class"):
        plan(experiment(architecture=[{"kind": "linear", "units": 10}]))


@pytest.mark.parametrize("architecture", ["4x4/6/20", CONVOLUTIONS])
@pytest.mark.parametrize("augmentation", ["none", "offline", "fresh"])
def test_it_is_learned(architecture: Any, augmentation: str) -> None:
    made = Session(
        experiment(
            architecture=architecture, augmentation=augmentation, copies=50, largest_shift=0,
            flip_probability=0.0, normalisation="channel", momentum=0.9, max_updates=100,
            eta_max=0.05,
        )
    )  # fmt: skip
    end = made.run()
    assert isinstance(end, Finished)
    assert end.result is not None
    assert end.result.test_accuracy > 0.9
    assert end.result.dataset == "letters"


def stopped_at(update: int, **values: Any) -> Session:
    session = Session(experiment(**values))

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == update:
            session.control.stop()

    session.run(listen)
    return session


def test_a_resumed_run_ends_as_an_uninterrupted_one() -> None:
    whole, part = Session(experiment()), stopped_at(30)
    whole.run()
    assert part.record is not None
    assert part.record.state is RunState.STOPPED
    Session.resume(store().existing(part.record.number)).run()
    ends = [choose(store(), store().find(f"letters-{n}")).checkpoint.state for n in (1, 2)]
    assert [end.updates for end in ends] == [60, 60]
    for name, tensor in ends[0].tensors.items():
        np.testing.assert_array_equal(tensor, ends[1].tensors[name])


def test_a_run_is_not_resumed_on_other_images() -> None:
    part = stopped_at(30)
    assert part.record is not None
    with (
        letters.known_set(seed=6),
        pytest.raises(StoreError, match=r"^letters-1 began with other images than those of made; "),
    ):
        Session.resume(store().existing(part.record.number)).run()
    said = refused_resume()
    assert "began with other images" in said
    store().writer.flush()
    assert store().find("letters-1").updates == 30


def refused_resume() -> str:
    with letters.known_set(seed=6):
        return refused(run("resume", "letters-1"))


def test_every_gradient_agrees_with_pytorch() -> None:
    torch_module()
    report = gradients.run(experiment(architecture=CONVOLUTIONS), CheckSettings(dtype="float64"))
    assert report.passed, report


@pytest.mark.parametrize("variant", [AS_WRITTEN, Variant("patches", fused=False)])
def test_pytorch_trains_the_same_for_the_benchmark(variant: Variant) -> None:
    torch_module()
    dataset, settings = letters.load(), experiment(shards=1)
    trainer = Trainer(settings, dataset, 1)
    start = {n: value.copy() for n, (value, _) in trainer.engine.network.tensors().items()}
    peer = TorchPeer(settings, dataset, start, 1, variant)
    with trainer.working(), peer.block():
        for update in range(5):
            step = trainer.step(update)
            peer.update(update)
            assert peer.loss() == pytest.approx(step.smoothed, rel=1e-4)


def trained() -> Model:
    Session(experiment(architecture=CONVOLUTIONS)).run()
    return Model(choose(store(), store().find("latest")).checkpoint)


def test_it_is_evaluated_class_by_class_and_other_images_are_refused(small: Any) -> None:
    model, dataset = trained(), letters.load()
    found = evaluate(model, dataset)
    assert found.classes == letters.CLASSES
    assert found.probabilities.shape == (100, 5)
    assert found.confusion.shape == (5, 5)
    assert found.confusion.sum() == 100
    with pytest.raises(
        DataError,
        match=r"^letters-1 has learned images of 28 x 28 x 1 in 5 classes, and those of built in "
        r"have 32 x 32 x 3 in 10 classes$",
    ):
        evaluate(model, small)


def test_its_onnx_file_says_the_same() -> None:
    model, images = trained(), letters.load().test.images[:20]
    found = judged(made_bytes(model.checkpoint), images)
    np.testing.assert_allclose(found, model.probabilities(images), atol=1e-5)


def test_the_command_line_trains_evaluates_predicts_and_exports(tmp_path: Path) -> None:
    changes = {**letters.FIT, "max_updates": 30, "evaluate_every": 10, "batch_size": 20}
    options = [part for name, value in changes.items() for part in ("--set", f"{name}={value}")]
    made = run("train", "--preset", "arch-2", *options, "--json", "--out", str(tmp_path / "out"))
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["dataset"] == "letters"
    line = json.loads(run("evaluate", "latest", "--json").stdout)
    assert [entry["class"] for entry in line["classes"]] == list(letters.CLASSES)
    drawn = run("evaluate", "latest", "--out", str(tmp_path / "figures"))
    assert drawn.exit_code == 0, drawn.output
    assert (tmp_path / "figures" / "mistakes.png").exists()
    assert (tmp_path / "figures" / "filters.png").exists()
    picture = tmp_path / "colours.png"
    Image.new("RGB", (60, 40), (200, 100, 50)).save(picture)
    told = json.loads(run("predict", "latest", str(picture), "--json").stdout)
    assert {entry["class"] for entry in told["predictions"][0]["classes"]} == set(letters.CLASSES)
    exported = run("export", "latest", "--to", str(tmp_path / "weights.npz"))
    assert exported.exit_code == 0, exported.output
    with np.load(tmp_path / "weights.npz") as file:
        assert tuple(file["classes"]) == letters.CLASSES
    shown_run = run("runs", "show", "latest")
    assert "letters" in shown_run.stdout


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_app_configures_trains_and_inspects(size: tuple[int, int]) -> None:
    app = Convsole(experiment=experiment())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "the letters" in screen_text(app))
        assert "linear 5" in screen_text(app) or size[1] == 24
        await pilot.press("g")
        await until(pilot, lambda: shown(app, "train") and app.query(TrainPane))
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        session = app.runner.session
        assert session is not None
        assert session.history.result is not None
        assert session.history.evaluations.read()["update"].tolist() == [20, 40, 60]
        await pilot.press("5")
        await until(pilot, lambda: shown(app, "runs") and "letters-1" in screen_text(app))
        await pilot.press("i")
        await until(pilot, lambda: "of 100 test images" in screen_text(app))
        await until(pilot, lambda: "epsil" in screen_text(app))
        await pilot.press("v")
        await until(pilot, lambda: "▀" in screen_text(app) or "no mistakes" in screen_text(app))
