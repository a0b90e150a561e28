"""The latency of the Runs pane: opening a list of 1,000 runs, and redrawing ten of 24,000 points.

Both are measured in the real app in a pseudo-terminal, from a key press until the last byte of
output that it causes.
"""

import dataclasses
import os
import sqlite3
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.terminal import Terminal
from core.config import presets
from core.runs import queries
from core.runs.compare import AXES, MAX_COMPARED, QUANTITIES
from core.runs.folder import RunFolder
from core.runs.points import replace_points
from core.runs.records import RunState, new_run
from core.runs.store import Store
from core.training.events import Result

RUNS, UPDATES, EVALUATE_EVERY = 1_000, 24_000, 100
QUIET = 0.4
"""Seconds without output after which a frame is complete, about 20 times the longest pause in one.

The pane polls the store every two seconds, and redraws only what has changed.
"""
MAX_WAIT_S = 10.0
"""Seconds after which a key has failed: it caused no output, or output without an end."""
ROUNDS = 2
"""How often every quantity is drawn over every axis, each time with a different smoothing."""


def result(number: int) -> Result:
    """Return an invented result of a run."""
    return Result(
        preset="final",
        dataset="synthetic",
        seed=number,
        updates=UPDATES,
        seconds=144.0,
        parameters=1_158_360,
        train_accuracy=0.9,
        validation_accuracy=0.6 + number / 1e5,
        test_accuracy=0.6,
        train_loss=0.4,
        validation_loss=1.1,
    )


def fill(root: Path) -> None:
    """Record invented runs, the newest of them marked and with all points."""
    store, rng = Store(root), np.random.default_rng(0)
    experiment = presets.load("final").changed(dataset="synthetic")

    def job(connection: sqlite3.Connection) -> None:
        for number in range(1, RUNS + 1):
            marked = number > RUNS - MAX_COMPARED
            folder = RunFolder(root / f"final-{number}")
            folder.make(experiment)
            run = new_run(
                folder.id,
                experiment.changed(seed=number),
                data=None,
                source="built in",
                machine={},
                parameters=1_158_360,
                updates_per_epoch=490,
                batch_size=100,
                total=UPDATES,
            )
            added = queries.add_run(
                connection,
                dataclasses.replace(
                    run,
                    state=RunState.FINISHED,
                    marked=marked,
                    updates=UPDATES * marked,
                    evaluations=UPDATES // EVALUATE_EVERY * marked,
                    seconds=144.0,
                    best_accuracy=0.6 + number / 1e5,
                    best_update=UPDATES,
                    result=result(number).as_dict(),
                ),
            )
            if marked:
                at = np.arange(1.0, UPDATES + 1)
                loss = 2.3 * np.exp(-at / 5_000) + 0.3 * rng.random(UPDATES)
                rate = 0.01 + 0.04 * np.abs(np.sin(at / 4_000))
                points = np.stack([at, rate, loss, loss + 0.1, at / 170])
                replace_points(connection, added, "updates", points)
                rows = np.s_[EVALUATE_EVERY - 1 :: EVALUATE_EVERY]
                scores = np.stack([at, loss, 1 - loss / 3, loss, 1 - loss / 3])[:, rows]
                replace_points(connection, added, "evaluations", scores)
            queries.add_event(connection, added, 0, "started", {})

    store.writer.do(job)


def drawn(terminal: Terminal, key: bytes) -> float:
    """Press a key, and return the seconds until the last output that it causes."""
    pressed = terminal.press(key)
    while terminal.heard < pressed or perf_counter() < terminal.heard + QUIET:
        if perf_counter() > pressed + MAX_WAIT_S or not terminal.read(0.02):
            sys.exit(f"nothing was drawn for {key.decode()}")
    return terminal.heard - pressed


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONVSOLE_HOME"] = home
        fill(Path(home) / "saved_models")
        terminal = Terminal(["-m", "tui"])
        if terminal.wait_for("Quit", 30) is None:
            sys.exit("the app showed no first screen within 30 s")
        terminal.read(1.0)
        terminal.press(b"\x1b")  # closes the offer to fetch CIFAR-10, if it is shown
        terminal.read(1.0)
        pressed = terminal.press(b"5")
        shown = terminal.wait_for(f"Runs ─ {RUNS:,}", 30)
        if shown is None:
            sys.exit("the runs were not listed within 30 s")
        opened = terminal.started + shown - pressed
        while terminal.heard > perf_counter() - 2 * QUIET:
            terminal.read(0.1)
        redrawn = []
        for _ in range(ROUNDS):
            for _ in AXES:
                redrawn += [drawn(terminal, b"c") for _ in QUANTITIES]
                redrawn += [drawn(terminal, key) for key in (b"w", b"m")]
        terminal.press(b"q")
        while terminal.read(0.1):
            pass
        terminal.close()
    print(f"runs: a list of {RUNS:,} is open {opened:.2f} s after its key")
    late = sorted(redrawn)[int(0.95 * len(redrawn))]
    print(
        f"curves: {MAX_COMPARED} runs of {UPDATES:,} points drawn anew: "
        f"median {1000 * statistics.median(redrawn):.0f} ms, 95 % within {1000 * late:.0f} ms, "
        f"all {len(redrawn)} within {1000 * max(redrawn):.0f} ms"
    )


if __name__ == "__main__":
    main()
