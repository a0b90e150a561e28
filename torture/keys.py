"""Keys that nobody meant to press, in a terminal whose size nobody meant, while something trains.

python -m torture.keys [--keys N] [--seed N]
"""

import argparse
import asyncio
import importlib
import os
import random
import sys
import tempfile

from core.data import home
from core.experiment import Experiment
from tests import idle
from tests.runs.made import recorded
from tui.app import PANES, Convsole

KEYS = (
    *"abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape"),
    *("tab", "shift+tab", "space", "backspace", "delete", "question_mark", "slash", "full_stop"),
    *("ctrl+t", "ctrl+p", "ctrl+u", "f1", "less_than_sign", "ä", "漢"),
)
"""All but the one that quits."""

SIZES = ((80, 24), (120, 40), (60, 20), (40, 10), (10, 3), (1, 1), (200, 60))


async def press(pane: str, count: int, seed: int, train: bool = True) -> int:
    """Press `count` keys in one pane; return how many arrived there.

    Raises:
        Exception: whatever the app did not handle.
    """
    chance = random.Random(f"{pane} {seed}")
    experiment = Experiment.of(
        {
            "name": "arch-2",
            "architecture": "8x8/4/6",
            "dataset": "synthetic",
            "half_cycle": 100_000,
            "evaluate_every": 50,
        }
    )
    app = Convsole(bell=False, experiment=experiment)
    pressed = 0
    async with app.run_test(size=SIZES[0]) as pilot:
        if train:
            await pilot.press("s")
        await pilot.press(str(list(PANES).index(pane) + 1))
        for number in range(count):
            if not app.is_running:
                break
            if number % 8 == 7:
                await pilot.resize_terminal(*chance.choice(SIZES))
                if app.pane != pane and len(app.screen_stack) == 1:
                    app.pane = pane
            await pilot.press(chance.choice(KEYS))
            pressed += 1
        app.bridge.close(60)
    return pressed


def set_anywhere(place: str, value: object) -> None:
    """Replace what stands at a dotted name of a module."""
    module, _, name = place.rpartition(".")
    setattr(importlib.import_module(module), name, value)


def main() -> int:
    """Press keys in every pane; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1000, help="in each pane")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts = {}
    idle.install(set_anywhere)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[home.HOME_VARIABLE] = folder
        from core.runs.session import store

        recorded(store(), 5)
        for pane in PANES:
            counts[pane] = asyncio.run(press(pane, given.keys, given.seed))
            print(f"{pane}: {counts[pane]:,} keys", flush=True)
    words = ", ".join(f"{pane} {count:,}" for pane, count in counts.items())
    print(f"keys: {words}; sizes down to 1 x 1; no exception, seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
