"""Trains for long inside the app and watches its memory: `python -m torture.soak`."""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from core.data import home
from core.experiment import Experiment
from torture.process import check, run

WARM = 0.2
"""Share of the time after which memory is to stay as it is."""
EVERY = 2.0
"""Seconds between two looks."""
FLAT = 0.05
"""Share by which memory may change."""

ENDLESS = Experiment.of(
    {
        "name": "soak",
        "architecture": "8x8/10/20",
        "augmentation": "fresh",
        "half_cycle": 1_000_000,
        "cycles": 5,
        "evaluate_every": 500,
        "dataset": "synthetic",
    }
)


def resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def soak(seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train in the app; return moments, memory in MB and MB of points."""
    from tui.app import Convsole

    app = Convsole(threads=2, bell=False, experiment=ENDLESS)
    looks: list[tuple[float, float, float]] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("s")
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds:
            await asyncio.sleep(EVERY)
            session = app.bridge.session
            if session is None or not len(session.history.updates):
                continue
            tables = session.history.tables.values()
            points = sum(8 * len(table.columns) * len(table) for table in tables)
            looks.append((now, resident(), points / 1e6))
        check(app.pane == "train", "the Train pane is not shown")
        await pilot.press("x")
        while app.bridge.busy:
            await asyncio.sleep(0.05)
    moments, memory, points = np.array(looks).T
    return moments, memory, points


def torture(minutes: float) -> str:
    """Return the figures."""
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        os.environ[home.HOME_VARIABLE] = place
        moments, memory, points = asyncio.run(soak(60 * minutes))
    warm = moments >= WARM * moments[-1]
    moments, memory, points = moments[warm], memory[warm], points[warm]
    # Points are kept by design, for the curves: 40 bytes an update. Nothing else may grow.
    rest = memory - points
    few = max(1, len(rest) // 10)
    start, end = float(np.median(rest[:few])), float(np.median(rest[-few:]))
    slope = 60 * float(np.polyfit(moments, rest, 1)[0]) if len(rest) > 2 else 0.0
    change = end / start - 1
    updates = round(points[-1] * 1e6 / 40)
    figures = (
        f"{minutes:g} minutes in the app, {updates:,} updates: {start:.1f} MB resident after the "
        f"warm-up, {end:.1f} MB at the end ({change:+.1%}, {slope:+.3f} MB a minute), the points "
        f"of the curves not counted ({points[0]:.1f} MB, then {points[-1]:.1f} MB)"
    )
    check(abs(change) < FLAT, figures)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    given = parser.parse_args()
    run("soak", lambda: torture(given.minutes))


if __name__ == "__main__":
    main()
