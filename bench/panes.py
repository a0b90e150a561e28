"""The time of a change of panes beside a training of `final` and two other busy processes.

It is the time from pressing a number key until the frame with that pane has been written to the
terminal. The first visit of a pane, which imports and builds it, is reported apart.

    python -m bench.panes
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from bench.screen import data
from bench.terminal import Terminal
from core.config import presets
from core.data import cifar10
from tui.app import PANES, Convsole
from tui.keymap.verbs import VERBS
from tui.launch import run

CHANGES = 100
WAIT = 1.0
"""Seconds from one key to the next, after which a change has failed."""
BUSY = 2
"""Number of other busy processes."""
F9 = b"\x1b[20~"


def app(report: Path) -> None:
    """Run the app, and write the times of its frames to `report` when F9 is pressed."""

    class Watched(Convsole):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "report", show=False)]
        frames: ClassVar[list[tuple[float, str]]] = []

        def _display(self, screen: Screen[object], renderable: object) -> None:
            super()._display(screen, renderable)  # type: ignore[arg-type]
            # The container knows its new pane before that has a place on the screen.
            drawn = (pane for pane in self._panes.children if pane in screen._compositor)
            self.frames.append((perf_counter(), next((pane.id or "" for pane in drawn), "")))

        def action_report(self) -> None:
            report.write_text(json.dumps(self.frames))
            os._exit(0)  # the training is of no further interest

    dataset = "synthetic" if data() is None else "cifar10"
    experiment = presets.load("final").changed(dataset=dataset, half_cycle=100_000)
    run(Watched(data(), experiment=experiment))


def measured(report: Path) -> list[float]:
    """Return the seconds of each change; infinite if the pane was not shown before the next."""
    terminal = Terminal(["-m", "bench.panes", "--app", str(report)])
    if terminal.wait_for("Quit", 60) is None:
        sys.exit("the app showed no first screen within 60 s")
    terminal.read(0.5)
    terminal.press(b"g")
    if terminal.wait_for("updates/s", 120) is None:
        sys.exit("the training did not begin within 120 s")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    names, rng, pressed = list(PANES), random.Random(0), []
    try:
        at = "train"
        for number in range(len(names) + CHANGES):
            # Every pane once, then panes at random.
            others = [name for name in names if name != at]
            at = names[number] if number < len(names) else rng.choice(others)
            pressed.append((terminal.press(VERBS[at].keys[0].encode()), at))
            terminal.read(WAIT)
        terminal.press(F9)
        while terminal.read(0.1):
            pass
    finally:
        for each in busy:
            each.kill()
    terminal.close()
    frames = json.loads(report.read_text())
    return [_seconds(frames, key, name) for key, name in pressed]


def _seconds(frames: list[tuple[float, str]], key: float, name: str) -> float:
    after = (at for at, shown in frames if shown == name and key < at < key + WAIT)
    return next(after, float("inf")) - key


def main() -> None:
    if "--app" in sys.argv:
        app(Path(sys.argv[-1]))
        return
    if (found := cifar10.find(None)) is not None:
        os.environ["CONVSOLE_BENCH_DATA"] = str(found)
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONVSOLE_HOME"] = home
        took = measured(Path(home) / "report.json")
    first, later = took[: len(PANES)], sorted(took[len(PANES) :])
    late = later[int(0.95 * len(later))]
    print(
        f"panes: 95 % of {len(later)} changes within {1000 * late:.0f} ms, the median within "
        f"{1000 * later[len(later) // 2]:.0f} ms, all within {1000 * later[-1]:.0f} ms; "
        f"first visits within {1000 * max(first):.0f} ms"
    )


if __name__ == "__main__":
    main()
