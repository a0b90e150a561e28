"""Random keys in a terminal of random sizes, during a training.

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
"""Number of keys between two changes of the terminal's size."""
ABOVE = 20
"""Maximum consecutive keys to a screen above the pane; then Escape is pressed."""
WAYS_OUT = 4
"""Maximum presses of Escape: a screen may open another, or Escape may first leave a field."""
TIMEOUT_S = 60.0
"""Seconds to wait for a training to begin, or for a job to end."""
TRAINING = (JobState.RUNNING, JobState.REPRODUCING, JobState.RANGING, JobState.TRYING)
PROGRESS = 250
"""Number of keys between two lines of progress."""


@dataclass
class Pressed:
    """Counts of the keys pressed in one pane."""

    keys: int = 0
    above: int = 0
    """Keys to screens above the pane: help, palette, questions, Inspect, the range test."""
    training: int = 0
    """Keys pressed during a training."""

    def __str__(self) -> str:
        return (
            f"{self.keys:,} keys ({self.above:,} in screens above it, "
            f"{self.training:,} during a training)"
        )


class Staying(Convsole):
    """The app, without the possibility to leave it."""

    def exit(self, *_: object, **__: object) -> None:
        """Do nothing."""


class Presser:
    """Presses keys in an app, one after the other.

    A key bubbles from the focused widget outwards, one step per pause of the pilot, so it has been
    processed when no widget received it during a pause. Textual's pilot would also wait for the
    process to be idle, which it never is during a training, so that every key would take a second.
    """

    def __init__(self, app: Convsole) -> None:
        self.app = app
        self.steps = 0
        self.pressed = Pressed()

    def on_message(self, message: Message) -> None:
        """Count the widgets that receive the key."""
        self.steps += isinstance(message, events.Key)

    async def press(self, pilot: Pilot[None], key: str) -> None:
        """Press a key, and wait until it has been processed.

        Raises:
            RuntimeError: if no widget received it.
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
        """Change the size of the terminal, and wait until the app has noticed."""
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
    """Press `count` keys in one pane, and return the counts.

    Raises:
        Exception: any exception that the app did not handle.
        RuntimeError: if a key did not arrive, or Escape does not close a screen.
    """
    rng = random.Random(f"{pane} {seed}")
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
                await presser.resize(pilot, rng.choice(SIZES))
            if len(app.screen_stack) == 1:
                inside, app.pane = 0, pane
            inside += 1
            await presser.press(pilot, "escape" if inside > ABOVE else rng.choice(KEYS))
            if inside > ABOVE + WAYS_OUT:
                raise RuntimeError(f"Escape does not lead out of {type(app.screen).__name__}")
            if pressed.keys % every == 0:
                tell(pressed)
        app.runner.end()
    return pressed


async def keep_training(app: Convsole, pilot: Pilot[None], experiment: Experiment) -> None:
    """Begin or resume a training if a key has ended or paused it.

    Raises:
        RuntimeError: if a job neither begins nor ends in time.
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
