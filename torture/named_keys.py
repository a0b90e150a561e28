"""Keys that the screen names: each must do something, or say why not.

python -m torture.named_keys [--keys N] [--seed N] [--panes NAME ...]

Every verb of the key map gets a letter that stands nowhere else, so that a key that is named on the
screen is found in its text, and a text that names its key by heart is not.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import count

from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip

from core.config.experiment import Experiment
from core.data import home
from core.runs.session import store
from tests.runs.made import recorded
from tests.tui.waiting import screen_text
from torture.keys import ABOVE, Presser, Staying, keep_training
from tui.app import PANES
from tui.dialogs.help import HelpScreen
from tui.frame.key_footer import KeyFooter
from tui.keymap import keys
from tui.keymap.file import types
from tui.keymap.verbs import VERBS
from tui.widgets.explanation import Explanation

UNTYPED = [
    verb for verb, each in VERBS.items() if each.keys[0] == "space" or not types(each.keys[0])
]
"""Verbs whose keys are no letters, and are therefore not typed into fields."""

UNUSED = filter(str.isalpha, map(chr, count(ord("Ѡ"))))
LETTERS = {verb: next(UNUSED) for verb in VERBS if verb not in UNTYPED}
"""A letter for each verb whose key is a character, from a corner of Unicode that nothing else uses.

Those of the others keep their keys, with which fields and dialogs are left.
"""

WORDS = {"close": ("Esc", "esc "), "open": ("Enter", "⏎"), "mark": ("Space", "space ")}
"""How the screen names the keys of other verbs."""

SIZES = ((80, 24), (120, 40), (200, 50), (60, 20))
MOVES = ("tab", "shift+tab", "down", "up", "right", "left", "end", "home")
ELSEWHERE = 0.3
"""Probability of such a key in between, which leads to other boxes and rows."""
PATIENCE = 0.2
"""Probability that a job may come to its end in between, so that there is a result."""
RESIZED = 20
"""Number of keys between two changes of the terminal's size."""
EFFECT_S = 30.0
"""Seconds for a key to show its effect; much, because a busy machine is not a silent key."""
JOB_S = 3.0
"""Seconds to wait for the end of a job."""
NOT_HERE = ("; not here", "means nothing here")
"""What the footer says of a key that means nothing in a place."""
LEAVING = ("quit", "quit_anywhere")


class SilentKeyError(Exception):
    """A key that the screen names did nothing."""


def named(app: Staying) -> list[str]:
    """Return the verbs whose keys the screen names for itself.

    The help names those of the pane below it.
    """
    if isinstance(app.screen, HelpScreen):
        return []
    text = screen_text(app)
    if isinstance(app.screen, ModalScreen):
        # What stands around the box is the pane below.
        box = app.screen.children[0].region
        lines = text.split("\n")[box.y : box.bottom]
        text = "\n".join(line[box.x : box.right] for line in lines)
    return [
        *(verb for verb, letter in LETTERS.items() if letter in text),
        *(verb for verb, words in WORDS.items() if any(word in text for word in words)),
    ]


async def press(pane: str, presses: int, seed: int, train: bool) -> int:
    """Press `presses` keys that are named, in one pane; return how many different ones there were.

    Raises:
        SilentKeyError: if a key that is named means nothing.
        Exception: any exception that the app did not handle.
    """
    rng = random.Random(f"{pane} {seed} {train}")
    experiment = Experiment.of(
        {
            "name": "arch-2",
            "architecture": "8x8/4/6",
            "dataset": "synthetic",
            "half_cycle": 100_000,
            "evaluate_every": 50,
        }
    )
    keys.use({verb: (_character_to_key(letter),) for verb, letter in LETTERS.items()})
    app = Staying(bell=False, experiment=experiment)
    presser, inside = Presser(app), 0
    seen: Counter[tuple[str, str]] = Counter()
    try:
        async with app.run_test(
            size=SIZES[0], notifications=True, message_hook=presser.on_message
        ) as pilot:
            app.pane = pane
            for at in range(presses):
                if at % RESIZED == 0:
                    if train:
                        await keep_training(app, pilot, experiment)
                    await presser.resize(pilot, SIZES[at // RESIZED % len(SIZES)])
                if len(app.screen_stack) == 1:
                    inside, app.pane = 0, pane
                inside += 1
                await settled(pilot)
                if rng.random() < ELSEWHERE:
                    await presser.press(pilot, rng.choice(MOVES))
                if not train and rng.random() < PATIENCE:
                    await idle(app, pilot)
                found = [verb for verb in named(app) if verb not in LEAVING]
                place = type(app.screen).__name__
                rng.shuffle(found)
                found.sort(key=lambda verb: seen[place, verb])  # the one pressed least first
                verb = "close" if inside > ABOVE or not found else found[0]
                seen[place, verb] += 1
                if verb in found and (words := await silence(app, pilot, presser, verb, train)):
                    raise SilentKeyError(f"{verb} in {pane}: {words}\n{screen_text(app)}")
                if verb not in found:
                    await presser.press(pilot, keys.keys_of(verb)[0])
            app.runner.end()
    finally:
        keys.use({})
    return len(seen)


async def silence(
    app: Staying, pilot: Pilot[None], presser: Presser, verb: str, train: bool
) -> str:
    """Press the key of a verb that the screen names; return how it is silent, or an empty text.

    During a training the screen changes by itself, so that what the key does is not seen.
    """
    await quieten(app, pilot)
    before = picture(app)
    await presser.press(pilot, keys.keys_of(verb)[0])
    await settled(pilot)
    if any(words in footer.refused for words in NOT_HERE for footer in footers(app)):
        await quieten(app, pilot)
        # A dialog that closed by itself took its keys with it.
        return "it means nothing here" if verb in named(app) else ""
    return "" if train or await changed(app, pilot, before) else "it changes nothing"


async def idle(app: Staying, pilot: Pilot[None]) -> None:
    """Wait until no job runs, but not for a long one."""
    until = time.monotonic() + JOB_S
    while app.runner.busy and time.monotonic() < until:
        await pilot.pause(0.02)


def footers(app: Staying) -> list[KeyFooter]:
    """Return the footers of all screens: that of the pane also speaks for a dialog."""
    return [footer for screen in app.screen_stack for footer in screen.query(KeyFooter)]


async def quieten(app: Staying, pilot: Pilot[None]) -> None:
    """Remove what earlier keys said: the same words once more would change nothing."""
    app.clear_notifications()
    for footer in footers(app):
        footer.refused = ""
    for line in app.screen.query(Explanation):
        line.update()
    await settled(pilot)


def picture(app: Staying) -> list[Strip]:
    """Return the lines of the screen, with their styles."""
    width, height = app.size
    return app.screen._compositor.render_strips(Size(width, height))


async def changed(app: Staying, pilot: Pilot[None], before: list[Strip]) -> bool:
    """Return whether the screen comes to look different after a key."""
    until = time.monotonic() + EFFECT_S
    while picture(app) == before:
        if time.monotonic() > until:
            return False
        await pilot.pause(0.02)
    return True


async def settled(pilot: Pilot[None]) -> None:
    """Wait until what a key has changed is on the screen."""
    for _ in range(3):
        await pilot.pause(0)


def main() -> int:
    """Press keys in every pane, idle and during a training; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=300, help="in each pane, twice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--panes", nargs="*", choices=PANES, default=list(PANES))
    given = parser.parse_args()
    began, parts = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        os.environ[home.HOME_VARIABLE] = folder
        recorded(store(), 5)
        for pane in given.panes:
            for train in (False, True):
                try:
                    different = asyncio.run(press(pane, given.keys, given.seed, train))
                except SilentKeyError as error:
                    print(f"named_keys: {error}")
                    return 1
                parts.append(f"{pane}{' during a training' * train} {different}")
    took = time.monotonic() - began
    print(
        f"named_keys: {given.keys:,} keys each, different ones: {', '.join(parts)}; "
        f"none silent, no exception, seed {given.seed}, {took:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
