"""Keys that nobody meant to press, in a terminal whose size nobody meant, while something trains.

python -m torture.keys [--keys N] [--seed N] [--panes NAME ...]
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot

from core.config.experiment import Experiment
from core.data import home
from core.runs.session import store
from tests.runs.made import recorded
from tui.app import PANES, Convsole
from tui.worker.messages import JobState

KEYS = (
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape"),
    *("tab", "shift+tab", "space", "backspace", "delete", "question_mark", "slash", "full_stop"),
    *("ctrl+t", "ctrl+p", "ctrl+u", "ctrl+c", "ctrl+q", "f1", "less_than_sign", "ä", "漢"),
)

SIZES = ((80, 24), (120, 40), (60, 20), (40, 10), (10, 3), (1, 1), (200, 60))

RESIZED = 8
"""Keys from one size of the terminal to the next."""
ABOVE = 20
"""Keys in a row that may go to a screen above the pane; then Escape is pressed."""
WAYS_OUT = 4
"""Times that Escape may be needed: a screen may open another, or be about a field of its own."""
TIMEOUT_S = 60.0
"""Seconds in which a training begins, or a job ends that is to."""
TRAINING = (JobState.RUNNING, JobState.REPRODUCING, JobState.RANGING)
PROGRESS = 250
"""Keys from one line about them to the next."""


@dataclass
class Pressed:
    """Where the keys of one pane went."""

    keys: int = 0
    above: int = 0
    """To screens above the pane: help, palette, questions, Inspect, the range test."""
    training: int = 0
    """While something trained."""

    def __str__(self) -> str:
        return (
            f"{self.keys:,} keys ({self.above:,} in screens above it, "
            f"{self.training:,} during a training)"
        )


class Staying(Convsole):
    """The app, but whoever leaves it stays: there are keys to press yet."""

    def exit(self, *_: object, **__: object) -> None:
        """Stay."""


class Presser:
    """Presses keys in an app, one after the other.

    A key has been processed when a look at every widget passes without one of them getting it: it
    goes from the focus outwards, a step a look. Textual's pilot waits for the process to rest
    besides, which it does not while it trains, and a key takes a second.
    """

    def __init__(self, app: Convsole) -> None:
        self.app = app
        self.steps = 0
        self.pressed = Pressed()

    def on_message(self, message: Message) -> None:
        """Count the widgets that get the key."""
        self.steps += isinstance(message, events.Key)

    async def press(self, pilot: Pilot[None], key: str) -> None:
        """Press a key, and wait until it has been processed.

        Raises:
            RuntimeError: if the app took no notice of it.
        """
        self.pressed.above += len(self.app.screen_stack) > 1
        self.pressed.training += self.app.runner.state in TRAINING
        event = events.Key(key, key if len(key) == 1 else None)
        event.set_sender(self.app)
        self.steps = 0
        self.app.post_message(event)
        before = -1
        while before < self.steps:
            before = self.steps
            await pilot.pause(0)
        if not self.steps:
            raise RuntimeError(f"{key!r} did not arrive")
        self.pressed.keys += 1

    async def resize(self, pilot: Pilot[None], size: tuple[int, int]) -> None:
        """Give the terminal another size, and wait until the app knows."""
        self.app._driver._size = size  # type: ignore[union-attr]
        self.app.post_message(events.Resize(Size(*size), Size(*size)))
        await pilot.pause(0)


async def press(
    pane: str,
    count: int,
    seed: int,
    train: bool = True,
    every: int = PROGRESS,
    tell: Callable[[Pressed], None] = lambda so_far: None,
) -> Pressed:
    """Press `count` keys in one pane; return where they went.

    Raises:
        Exception: whatever the app did not handle.
        RuntimeError: if a key did not arrive, or Escape does not lead out of a screen.
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
    app = Staying(bell=False, experiment=experiment)
    presser, inside = Presser(app), 0
    pressed = presser.pressed
    async with app.run_test(
        size=SIZES[0], notifications=True, message_hook=presser.on_message
    ) as pilot:
        app.pane = pane
        while pressed.keys < count:
            if pressed.keys % RESIZED == 0:
                if train:
                    await keep_training(app, pilot, experiment)
                await presser.resize(pilot, chance.choice(SIZES))
            if len(app.screen_stack) == 1:
                inside, app.pane = 0, pane
            inside += 1
            await presser.press(pilot, "escape" if inside > ABOVE else chance.choice(KEYS))
            if inside > ABOVE + WAYS_OUT:
                raise RuntimeError(f"Escape does not lead out of {type(app.screen).__name__}")
            if pressed.keys % every == 0:
                tell(pressed)
        app.runner.end()
    return pressed


async def keep_training(app: Convsole, pilot: Pilot[None], experiment: Experiment) -> None:
    """Let something train where a key has ended that, or made it wait.

    Raises:
        RuntimeError: if a job neither begins nor ends.
    """
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        if app.runner.state is JobState.PAUSED:
            app.runner.resume()
        elif app.runner.state is JobState.IDLE:
            app.runner.train(experiment, None, 1)
        elif app.runner.state not in (JobState.LOADING, JobState.STOPPING):
            return
        await pilot.pause(0.01)
    raise RuntimeError(f"for {TIMEOUT_S:.0f} s it has been {app.runner.state.value}")


def main() -> int:
    """Press keys in every pane; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1000, help="in each pane")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--panes", nargs="*", choices=PANES, default=list(PANES))
    given = parser.parse_args()
    parts, began = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[home.HOME_VARIABLE] = folder
        recorded(store(), 5)
        for pane in given.panes:

            def tell(so_far: Pressed, pane: str = pane) -> None:
                took = time.monotonic() - began
                print(f"{pane}: {so_far}, {took:.0f} s so far", file=sys.stderr, flush=True)

            pressed = asyncio.run(press(pane, given.keys, given.seed, tell=tell))
            if pressed.keys != given.keys:
                print(f"keys: only {pressed.keys:,} of {given.keys:,} arrived in {pane}")
                return 1
            parts.append(f"{pane} {pressed}")
    took = time.monotonic() - began
    print(
        f"keys: {'; '.join(parts)}; sizes down to 1 x 1; no exception, seed {given.seed}, "
        f"{took:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
