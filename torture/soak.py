"""The memory of the app during a long training: `python -m torture.soak`."""

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

WARM_UP = 0.2
"""Fraction of the time after which memory must be constant."""
INTERVAL_S = 2.0
"""Seconds between two samples."""
START_TIMEOUT_S = 120.0
"""Seconds to wait for the first update, on a busy machine."""
TOLERANCE = 0.05
"""Fraction by which memory may change."""

POINT = 48
"""Bytes per update for the curves: five recorded numbers and a smoothed one."""

ENDLESS = {"half_cycle": 1_000_000, "cycles": 5, "growth": 1.0}


def experiment(data: Path | None) -> Experiment:
    """Return an endless training: `final` if CIFAR-10 is available, else a small network."""
    if data is not None:
        return presets.load("final").changed(name="soak", dataset="cifar10", **ENDLESS)
    small = {"architecture": "8x8/10/20", "augmentation": "fresh", "evaluate_every": 500}
    return Experiment.of({"name": "soak", "dataset": "synthetic", **small, **ENDLESS})


def resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def soak(seconds: float, data: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train in the app, and return arrays of times, memory in MB, and updates."""
    from tui.app import Convsole

    app = Convsole(data=data, threads=2, bell=False, experiment=experiment(data))
    samples: list[tuple[float, float, float]] = []
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("g")
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (app.runner.session and len(app.runner.session.history.updates)):
                await asyncio.sleep(0.05)
        updates, began = app.runner.session.history.updates, time.monotonic()
        while not samples or samples[-1][0] < seconds:
            await asyncio.sleep(INTERVAL_S)
            samples.append((time.monotonic() - began, resident(), len(updates)))
        check(app.pane == "train", "the Train pane is not shown")
        await pilot.press("x")
        while app.runner.busy:
            await asyncio.sleep(0.05)
    moments, memory, counts = np.array(samples).T
    return moments, memory, counts


def torture(minutes: float, data: Path | None) -> str:
    """Run the stress test, and return its figures."""
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        os.environ[home.HOME_VARIABLE] = place
        moments, memory, updates = asyncio.run(soak(60 * minutes, data))
    warm = moments >= WARM_UP * moments[-1]
    moments, memory, updates = moments[warm], memory[warm], updates[warm]
    # The points of the curves stay in memory by design. Nothing else may grow.
    start, end, change = _ends(memory)
    _, _, beside = _ends(memory - POINT * updates / 1e6)
    slope = 60 * float(np.polyfit(moments, memory, 1)[0]) if len(memory) > 2 else 0.0
    figures = (
        f"{minutes:g} minutes in the app, {round(updates[-1]):,} updates of "
        f"{'final' if data else 'a small network'}: {start:.1f} MB resident after the "
        f"warm-up, {end:.1f} MB at the end ({change:+.1%}, {slope:+.3f} MB a minute); "
        f"{beside:+.1%} without the points of the curves, {POINT} bytes an update"
    )
    check(abs(beside) < TOLERANCE, figures)
    return figures


def _ends(memory: np.ndarray) -> tuple[float, float, float]:
    """Return the medians of the first and the last tenth, and the relative change."""
    tenth = max(1, len(memory) // 10)
    start, end = float(np.median(memory[:tenth])), float(np.median(memory[-tenth:]))
    return start, end, end / start - 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--data", type=Path, help="CIFAR-10; without it a small network on shapes")
    given = parser.parse_args()
    run("soak", lambda: torture(given.minutes, given.data))


if __name__ == "__main__":
    main()
