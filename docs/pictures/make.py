"""Make the pictures of the README from the app itself: `.venv/bin/python docs/pictures/make.py`.

Names of groups behind it (training, check, health, layers, images, rates, explain, guide, work,
runs, sweeps, study) make only those. Run it in the checkout, with CIFAR-10 in data/; `study` shows
a finished `convsole reproduce` and is left out without one. Needs Chromium on the PATH, which draws
the app's own SVG screenshots; other renderers give braille another width.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot

from core.config import presets
from core.data import cifar10
from core.sweeps.definition.study import Study
from core.sweeps.execution.executors import open_executor
from core.sweeps.execution.run import Sweep
from tui.app import Convsole
from tui.data.summary_box import SummaryBox
from tui.explain.pane import ExplainPane
from tui.lr_finder.view import RangeView
from tui.reproduce.pane import ReproducePane
from tui.train.pane import TrainPane
from tui.worker.messages import JobState

HERE = Path(__file__).parent
STUDY = """
preset = "arch-2"
trials = 40
finalists = 2
updates = 2000
validation_size = 5000
pruning = "halving"
[space]
eta_max = { log = [0.005, 0.5] }
weight_decay = { log = [1e-5, 1e-2] }
batch_size = { choice = [25, 50, 100, 200] }
"""
"""The study of which there is a picture."""
SEEDS = 3
"""Usual number of seeds of a reproduction."""
TIMEOUT_S = 1200
"""Seconds after which what does not happen is an error."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await pilot.pause(0.5)


async def training(data: Path | None) -> dict[str, str]:
    """Return the screenshots of Configure and Train, as SVG, by name."""
    pictures = {}
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1.0)
        await pilot.press("tab", "tab", "down")
        await pilot.pause(0.5)
        pictures["configure"] = app.export_screenshot()
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        session = app.runner.session
        assert session is not None
        await until(pilot, lambda: len(session.history.updates) > 3100)
        await pilot.pause(0.6)
        pictures["train"] = app.export_screenshot()
        await pilot.press("x")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
    return pictures


async def health(data: Path | None) -> dict[str, str]:
    """Return a screenshot of the health of a training whose rate is too high."""
    ill = presets.load("arch-2").changed(eta_max=2.0, health="dense", max_updates=600)
    app = Convsole(data, experiment=ill, bell=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        # It may be over before one looks whether it runs.
        await until(pilot, lambda: app.query("TrainPane") and app.runner.session is not None)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        train = app.query("TrainPane").first(TrainPane)
        await until(pilot, lambda: not train.refusal("warnings", ()))
        await pilot.press("W", "enter")
        await until(pilot, lambda: app.query("HealthStrip:focus"))
        await pilot.pause(0.5)
        return {"health": app.export_screenshot()}


async def layers(data: Path | None) -> dict[str, str]:
    """Return a screenshot of the layers within a residual layer."""
    app = Convsole(data, experiment=presets.load("resnet"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1.0)
        await pilot.press("tab", "down", "down", "down", "enter")
        await pilot.pause(0.5)
        return {"layers": app.export_screenshot()}


async def images(data: Path | None) -> dict[str, str]:
    """Return a screenshot of the augmented copies of an image."""
    app = Convsole(data, experiment=presets.load("final").changed(augmentation="fresh"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: app.query("SummaryBox"))
        numbers = app.query("SummaryBox").first(SummaryBox)
        await until(pilot, lambda: numbers.summary is not None)
        await pilot.press("right", "enter", "right")
        await pilot.pause(0.5)
        return {"data": app.export_screenshot()}


async def rates(data: Path | None) -> dict[str, str]:
    """Return the screenshot of a range test."""
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        await pilot.press("f")
        view = app.screen.query_one(RangeView)
        await until(pilot, lambda: view.curve is not None and not app.runner.busy)
        await pilot.pause(1.0)
        return {"rates": app.export_screenshot()}


async def check(data: Path | None) -> dict[str, str]:
    """Return the screenshot of the check before the start."""
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        await pilot.press("V")
        await until(pilot, lambda: app.screen.query("FindingList"))
        await until(pilot, lambda: not app.runner.busy)
        await pilot.pause(1.0)
        return {"check": app.export_screenshot()}


async def guide(data: Path | None) -> dict[str, str]:
    """Return the screenshot of the guide."""
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await pilot.pause(0.5)
        await pilot.press("f1")
        await until(pilot, lambda: app.screen.query("ChapterText"))
        await pilot.pause(1.5)
        return {"guide": app.export_screenshot()}


async def runs(data: Path | None) -> dict[str, str]:
    """Return the screenshots of a run that is edited, and of runs side by side."""
    pictures = {}
    app = Convsole(data, experiment=presets.load("arch-2").changed(half_cycle=2000), bell=False)
    async with app.run_test(size=(120, 40)) as pilot:
        for decay in (0.0003, 0.03):
            app.experiment = app.experiment.changed(weight_decay=decay)
            await pilot.press("g")
            await until(pilot, lambda: app.runner.state is JobState.RUNNING)
            await until(pilot, lambda: app.runner.state is JobState.IDLE)
        app.experiment = app.experiment.changed(weight_decay=0.003)
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        session = app.runner.session
        assert session is not None
        await until(pilot, lambda: len(session.history.updates) > 2500)
        await pilot.press("p")  # a fast machine would be through before all keys are pressed
        await until(pilot, lambda: app.runner.state is JobState.PAUSED)
        await pilot.press("enter", "down", "left", "left", "t", "p")
        await until(pilot, lambda: session.history.edits)
        await until(pilot, lambda: len(session.history.updates) > 6500)
        await pilot.press("p")
        await until(pilot, lambda: app.runner.state is JobState.PAUSED)
        await pilot.press("enter")
        await pilot.pause(0.5)
        await pilot.press("down", "down", "down", "down", "right")
        await pilot.pause(1.0)
        pictures["edit"] = app.export_screenshot()
        await pilot.press("escape", "escape", "p")
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("5")
        await until(pilot, lambda: app.query("RunTable"))
        table = app.query("RunTable").first()
        await until(pilot, lambda: table.row_count == 3)
        for _ in range(3):
            await pilot.press("space")
            await pilot.pause(0.5)
            await pilot.press("down")
        await pilot.press("m")
        await pilot.pause(2.0)
        pictures["runs"] = app.export_screenshot()
        await pilot.press("i")
        await pilot.pause(3.0)
        await pilot.press("v")
        await pilot.pause(1.0)
        pictures["mistakes"] = app.export_screenshot()
    return pictures


async def explain(data: Path | None) -> dict[str, str]:
    """Return the screenshots of a value of a trained network, and of all weights of a layer."""
    pictures = {}
    app = Convsole(data, bell=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.RUNNING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("7")
        await until(pilot, lambda: app.query("ExplainPane"))
        pane = app.query("ExplainPane").first(ExplainPane)
        await until(pilot, lambda: pane.about)
        await pilot.press("w")
        await until(pilot, lambda: "last weights" in pane.about)
        await pilot.press("tab", "enter", "enter", "enter", "enter", "enter")
        await pilot.pause(1.0)
        pictures["explain"] = app.export_screenshot()
        await pilot.press("B", "O")
        await pilot.pause(3.0)
        pictures["weights"] = app.export_screenshot()
    return pictures


async def work(data: Path | None) -> dict[str, str]:
    """Return the screenshots of Gradients and Benchmark."""
    pictures = {}
    app = Convsole(data, experiment=presets.load("final"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await pilot.pause(0.5)
        await pilot.press("g")
        await until(pilot, lambda: app.query("#gradients GradientTable").first().count() == 7)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("down")
        await pilot.pause(0.5)
        pictures["gradients"] = app.export_screenshot()
        await pilot.press("4")
        await pilot.pause(0.5)
        await pilot.press("g")
        await until(pilot, lambda: app.runner.state is JobState.MEASURING)
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        await pilot.press("down", "i")
        layers = app.query("#benchmark ProfileTable").first()
        await until(pilot, lambda: layers.count() > 1)
        await pilot.pause(0.5)
        pictures["benchmark"] = app.export_screenshot()
    return pictures


async def sweeps(data: Path | None) -> dict[str, str]:
    """Return the screenshot of a study in parallel coordinates."""
    sweep = Sweep(Study.from_toml(STUDY, "small-network"), data=data)
    images = sweep.load()
    with open_executor(images) as executor:
        sweep.run(images, executor)
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: app.query("StudyList"))
        await pilot.pause(2.0)
        await pilot.press("enter")
        await until(pilot, lambda: app.query("TrialTable"))
        await pilot.pause(2.0)
        await pilot.press("v", "right", ")")
        await pilot.pause(1.0)
        return {"sweeps": app.export_screenshot()}


async def study(data: Path | None) -> dict[str, str]:
    """Return the screenshot of a finished reproduction, of the runs that were really made."""
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: app.query("ReproducePane"))
        pane = app.query("ReproducePane").first(ReproducePane)
        await until(pilot, lambda: pane._findings is not None or pane._reason is not None)
        for _ in range(SEEDS - 1):  # what is finished may have fewer seeds than usual
            if pane._findings is None or pane._findings.finished:
                break
            before = pane._findings
            await pilot.press("minus")
            await until(pilot, lambda before=before: pane._findings is not before)  # type: ignore[misc]
        if pane._findings is None or not pane._findings.finished:
            print("no reproduction has been finished, so there is no picture of one")
            return {}
        await pilot.pause(0.5)
        return {"reproduce": app.export_screenshot()}


def draw(svg: str, target: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not on the PATH; install it to draw the pictures")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size is not None
    width, height = (round(float(number)) for number in size.groups())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f"<meta charset=utf-8><body style='margin:0;background:#0000'>{svg}", encoding="utf-8"
        )
        command = [chromium, *FLAGS, f"--user-data-dir={folder}/profile"]
        command += [f"--screenshot={target}", f"--window-size={width},{height}"]
        command += ["--default-background-color=00000000", str(page)]
        subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    # A relative path, so that the pictures show no folders of the machine they were made on.
    found = cifar10.find(Path("data"))
    groups = (
        training, check, health, layers, images, rates, explain, guide, work, runs, sweeps, study
    )  # fmt: skip
    for group in groups:
        if sys.argv[1:] and group.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as home, patch.dict(os.environ):
            if group is not study:
                os.environ |= {"HOME": home, "CONVSOLE_HOME": f"{home}/convsole"}
            pictures = asyncio.run(group(found))
        for name, svg in pictures.items():
            draw(svg, HERE / f"{name}.png")
            print(HERE / f"{name}.png")


if __name__ == "__main__":
    main()
