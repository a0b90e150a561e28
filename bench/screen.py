"""The cost of the screen: trainings in the app and without one, and the latency of key presses.

Both run the same updates, alternately, each in its own process, so that a change in the speed of
the machine affects both. Keys are sent to the terminal during training; the latency of a key is the
time from writing it until its action is called.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import ClassVar

from textual.binding import Binding, BindingType

from bench.terminal import Terminal
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10
from core.runs.session import Session
from core.training.events import Finished
from tui.app import Convsole
from tui.launch import run
from tui.worker.messages import TrainingEvent

UPDATES = {"final": 6_000, "arch-1": 70_000}
"""Updates of each preset: half a minute on two cores at 3 GHz."""
ROUNDS = 3
KEY_EVERY = 0.25
"""Seconds between two keys: as fast as a user who scrolls a list, but no significant load."""
F9 = b"\x1b[20~"


def settings(preset: str) -> Experiment:
    """Return a preset with another number of updates, on CIFAR-10 if it is available."""
    dataset = "synthetic" if data() is None else "cifar10"
    experiment = presets.load(preset).changed(dataset=dataset)
    updates = UPDATES[preset]
    if updates > experiment.total_updates:
        experiment = experiment.changed(half_cycle=updates, cycles=1)
    return experiment.changed(max_updates=updates)


def without_screen(preset: str) -> None:
    """Train and print updates per second."""
    last = Session(settings(preset), data()).run()
    assert isinstance(last, Finished)
    print(json.dumps({"speed": last.result.updates / last.result.seconds}))


def with_screen(preset: str, report: Path) -> None:
    """Train in the app, and write updates per second and the times of key actions to `report`."""

    class Measured(Convsole):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "mark", show=False)]
        marks: ClassVar[list[float]] = []

        def action_mark(self) -> None:
            self.marks.append(perf_counter())

        def on_training_event(self, message: TrainingEvent) -> None:
            super().on_training_event(message)
            if isinstance(message.event, Finished):
                result = message.event.result
                speed = result.updates / result.seconds
                report.write_text(json.dumps({"speed": speed, "marks": self.marks}))
                self.exit()

    run(Measured(data(), experiment=settings(preset)))


def data() -> Path | None:
    """Return the path of the data, which is outside the temporary CONVSOLE_HOME."""
    place = os.environ.get("CONVSOLE_BENCH_DATA")
    return Path(place) if place else None


def measure_app(preset: str, report: Path) -> tuple[float, list[float]]:
    """Return updates per second in the app, and the latency of each key in seconds."""
    terminal = Terminal(["-m", "bench.screen", "--with-screen", preset, str(report)])
    if terminal.wait_for("Quit", 30) is None:
        sys.exit("the app showed no first screen within 30 s")
    terminal.read(0.5)
    terminal.press(b"g")
    terminal.wait_for("updates/s", 60)
    pressed = []
    while not report.exists():
        pressed.append(terminal.press(F9))
        if not terminal.read(KEY_EVERY):
            break
    while terminal.read(0.1):
        pass
    terminal.close()
    found = json.loads(report.read_text())
    report.unlink()
    took = [mark - key for key, mark in zip(pressed, found["marks"], strict=False)]
    return found["speed"], took


def measure(preset: str) -> None:
    """Measure the cost of the screen for a preset, and print it."""
    bare, app, keys = [], [], []
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONVSOLE_HOME"] = home
        for _ in range(ROUNDS):
            command = [sys.executable, "-m", "bench.screen", "--without-screen", preset]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            bare.append(json.loads(done.stdout)["speed"])
            speed, took = measure_app(preset, Path(home) / "report.json")
            app.append(speed)
            keys += took
    ratio = statistics.median(with_ / without for with_, without in zip(app, bare, strict=True))
    late = sorted(keys)[int(0.95 * len(keys))]
    print(
        f"screen, {preset}: {statistics.median(app):,.0f} updates/s in the app, "
        f"{statistics.median(bare):,.0f} without a screen, ratio {ratio:.3f}; "
        f"keys: 95 % within {1000 * late:.0f} ms, all {len(keys)} within {1000 * max(keys):.0f} ms",
        flush=True,
    )


def main() -> None:
    match sys.argv[1:]:
        case ["--without-screen", preset]:
            without_screen(preset)
        case ["--with-screen", preset, report]:
            with_screen(preset, Path(report))
        case _:
            if (found := cifar10.find(None)) is not None:
                os.environ["CONVSOLE_BENCH_DATA"] = str(found)
            for preset in UPDATES:
                measure(preset)


if __name__ == "__main__":
    main()
