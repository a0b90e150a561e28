"""Memory that the app retains after trainings, a check, a benchmark and a quick study.

    python -m bench.given_back [--data DIR]

Fails if it is more than 150 MB above the memory at the start.
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from bench.memory import resident
from core.benchmark.settings import BenchSettings
from core.checks.settings import CheckSettings
from core.config import presets
from core.data import cifar10, home
from tui.app import PANES, Convsole

MAX_RETAINED = 150.0
"""Maximum MB that may be retained."""

UPDATES = 30
"""Updates of a training before it is stopped."""


class MemoryCheck:
    """Runs one job after the other in the app, and measures its memory after each."""

    def __init__(self, app: Convsole, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.start = resident(os.getpid())

    async def after(
        self, what: str, begin: Callable[[], object], until: Callable[[], bool]
    ) -> None:
        """Begin a job, stop it when `until` is true, and print its peak and retained memory."""
        peak = 0.0
        begin()
        if not self.app.runner.busy:
            sys.exit(f"memory: {what} did not begin")
        while self.app.runner.busy:
            await asyncio.sleep(0.1)
            peak = max(peak, resident(os.getpid()))
            if until():
                self.app.runner.stop()
        await self.pilot.pause()
        self.report(what, peak)

    def report(self, what: str, peak: float) -> None:
        """Print a row of the table."""
        now = resident(os.getpid())
        print(f"| {what} | {peak:,.0f} | {now:,.0f} | {now - self.start:+,.0f} |", flush=True)


async def go(data: Path | None) -> float:
    """Run all jobs, and return the MB retained after the last."""
    app = Convsole(data, bell=False)
    gc.freeze()  # as the app does
    async with app.run_test(size=(120, 40)) as pilot:
        for pane in PANES:
            app.pane = pane
            await pilot.pause()
        check, runner = MemoryCheck(app, pilot), app.runner
        print("| after | at most MB | now MB | above the start |")
        print("| --- | ---: | ---: | ---: |")
        check.report("the start", check.start)

        def far() -> bool:
            return runner.session is not None and len(runner.session.history.updates) >= UPDATES

        for name in ("arch-2", "final", "best-short"):
            runner.session = None
            experiment = presets.load(name)
            await check.after(name, lambda e=experiment: runner.train(e, data), far)
        arch_2 = presets.load("arch-2")
        for what, begin in (
            ("a gradient check", lambda: runner.check(arch_2, CheckSettings(), data)),
            (
                "a benchmark",
                lambda: runner.bench(
                    BenchSettings(architectures=("arch-1", "arch-2"), updates=25), data
                ),
            ),
            ("a profile", lambda: runner.profile(arch_2, data)),
        ):
            await check.after(what, begin, lambda: False)
        app.pane = "reproduce"
        await pilot.pause()
        await pilot.press("v", "g")
        await check.after("a quick look", lambda: None, lambda: False)
        return resident(os.getpid()) - check.start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="CIFAR-10; by default that of the data folder")
    data = cifar10.find(parser.parse_args().data)
    with tempfile.TemporaryDirectory() as place:
        os.environ[home.HOME_VARIABLE] = place
        retained = asyncio.run(go(data))
    if retained > MAX_RETAINED:
        sys.exit(f"memory: the app kept {retained:,.0f} MB of jobs that were over")


if __name__ == "__main__":
    main()
