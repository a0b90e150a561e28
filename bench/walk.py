"""The time from the key of the Explain pane to the first trace, and from a key to a moved cursor.

    python -m bench.walk

The app runs in a terminal of 120 x 40 on CIFAR-10, or on the built-in shapes without it.
"""

import json
import os
import random
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
from tui.app import Convsole
from tui.keymap.verbs import VERBS
from tui.launch import run

NETWORKS = "arch-2", "final", "lenet", "resnet", "deep"
MOVES = 150
PAUSE = 0.15
"""Seconds from one move to the next."""
TIMEOUT = 60.0
F9 = b"\x1b[20~"

KEYS = {
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "left": b"\x1b[D",
    "right": b"\x1b[C",
    "channel": b"\x1b[6~",
    "into": b"\r",
    "back": b"\x7f",
    "gradients": b"v",
}


def app(preset: str, report: Path) -> None:
    """Run the app, and write where the cursor was in each frame when F9 is pressed."""

    class Watched(Convsole):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "report", show=False)]
        frames: ClassVar[list[tuple[float, str]]] = []

        def _display(self, screen: Screen[object], renderable: object) -> None:
            super()._display(screen, renderable)  # type: ignore[arg-type]
            walks = [pane._walk for pane in self._panes.explain]
            here = str(walks[0].here) if walks and walks[0] is not None else ""
            self.frames.append((perf_counter(), here))

        def action_report(self) -> None:
            report.write_text(json.dumps(self.frames))
            os._exit(0)

    dataset = "synthetic" if data() is None else "cifar10"
    run(Watched(data(), experiment=presets.load(preset).changed(dataset=dataset)))


def measured(preset: str, report: Path) -> tuple[float, list[float]]:
    """Return the seconds from the pane's key to the first trace, and those of each move."""
    terminal = Terminal(["-m", "bench.walk", "--app", preset, str(report)])
    if terminal.wait_for("Quit", TIMEOUT) is None:
        sys.exit("the app showed no first screen")
    terminal.read(1.0)
    opened = terminal.press(VERBS["explain"].keys[0].encode())
    if terminal.wait_for("taken for", TIMEOUT) is None:
        sys.exit("no trace was shown")
    terminal.read(0.5)
    terminal.press(b"\t")  # to the picture
    terminal.read(0.5)
    rng, pressed = random.Random(0), []
    for _ in range(MOVES):
        pressed.append(terminal.press(rng.choice(list(KEYS.values()))))
        terminal.read(PAUSE)
    terminal.press(F9)
    while terminal.read(0.1):
        pass
    terminal.close()
    frames = json.loads(report.read_text())
    first = next(at for at, here in frames if at > opened and here)
    return first - opened, [took for key in pressed if (took := _moved(frames, key)) is not None]


def _moved(frames: list[tuple[float, str]], key: float) -> float | None:
    """Return the seconds from a key to the frame with another place; None if it led to none."""
    before = [here for at, here in frames if at <= key][-1]
    after = (at for at, here in frames if key < at < key + PAUSE and here != before)
    found = next(after, None)
    return None if found is None else found - key


def main() -> None:
    if "--app" in sys.argv:
        app(sys.argv[-2], Path(sys.argv[-1]))
        return
    if (found := cifar10.find(None)) is not None:
        os.environ["CONVSOLE_BENCH_DATA"] = str(found)
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONVSOLE_HOME"] = home
        for preset in NETWORKS:
            opened, moves = measured(preset, Path(home) / "report.json")
            took = sorted(moves)
            late, median = took[int(0.95 * len(took))], took[len(took) // 2]
            print(
                f"walk {preset}: the first trace {1000 * opened:.0f} ms after the key; 95 % of "
                f"{len(took)} moves within {1000 * late:.0f} ms, the median within "
                f"{1000 * median:.0f} ms, all within {1000 * took[-1]:.0f} ms"
            )


if __name__ == "__main__":
    main()
