"""Trains for long inside the app and watches its memory: `python -m torture.soak`."""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from core.config import presets
from core.config.experiment import Experiment
from core.data import home
from torture.process import check, run

WARM = 0.2
"""Share of the time after which memory is to stay as it is."""
EVERY = 2.0
"""Seconds between two looks."""
BEGINNING = 120.0
"""Seconds for the first update to come, with other programs at work."""
FLAT = 0.05
"""Share by which memory may change."""

POINT = 48
"""Bytes that an update takes for the curves: five numbers recorded, and one smoothed."""

ENDLESS = {"half_cycle": 1_000_000, "cycles": 5, "growth": 1.0}


def experiment(data: Path | None) -> Experiment:
    """Return a training without an end: `final` on CIFAR-10 where it is, else a small network."""
    if data is not None:
        return presets.load("final").changed(name="soak", dataset="cifar10", **ENDLESS)
    small = {"architecture": "8x8/10/20", "augmentation": "fresh", "evaluate_every": 500}
    return Experiment.of({"name": "soak", "dataset": "synthetic", **small, **ENDLESS})


def resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def soak(seconds: float, data: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train in the app; return moments, memory in MB and updates."""
    from tui.app import Convsole

    app = Convsole(data=data, threads=2, bell=False, experiment=experiment(data))
    looks: list[tuple[float, float, float]] = []
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("s")
        async with asyncio.timeout(BEGINNING):
            while not (app.runner.session and len(app.runner.session.history.updates)):
                await asyncio.sleep(0.05)
        updates, began = app.runner.session.history.updates, time.monotonic()
        while not looks or looks[-1][0] < seconds:
            await asyncio.sleep(EVERY)
            looks.append((time.monotonic() - began, resident(), len(updates)))
        check(app.pane == "train", "the Train pane is not shown")
        await pilot.press("x")
        while app.runner.busy:
            await asyncio.sleep(0.05)
    moments, memory, counts = np.array(looks).T
    return moments, memory, counts


def torture(minutes: float, data: Path | None) -> str:
    """Return the figures."""
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        os.environ[home.HOME_VARIABLE] = place
        moments, memory, updates = asyncio.run(soak(60 * minutes, data))
    warm = moments >= WARM * moments[-1]
    moments, memory, updates = moments[warm], memory[warm], updates[warm]
    # Points are kept by design, for the curves. Nothing else may grow.
    start, end, change = _ends(memory)
    _, _, beside = _ends(memory - POINT * updates / 1e6)
    slope = 60 * float(np.polyfit(moments, memory, 1)[0]) if len(memory) > 2 else 0.0
    figures = (
        f"{minutes:g} minutes in the app, {round(updates[-1]):,} updates of "
        f"{'final' if data else 'a small network'}: {start:.1f} MB resident after the "
        f"warm-up, {end:.1f} MB at the end ({change:+.1%}, {slope:+.3f} MB a minute); "
        f"{beside:+.1%} without the points of the curves, {POINT} bytes an update"
    )
    check(abs(beside) < FLAT, figures)
    return figures


def _ends(memory: np.ndarray) -> tuple[float, float, float]:
    """Return how much it is at first and at last, each over a tenth, and the change."""
    few = max(1, len(memory) // 10)
    start, end = float(np.median(memory[:few])), float(np.median(memory[-few:]))
    return start, end, end / start - 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--data", type=Path, help="CIFAR-10; without it a small network on shapes")
    given = parser.parse_args()
    run("soak", lambda: torture(given.minutes, given.data))


if __name__ == "__main__":
    main()
