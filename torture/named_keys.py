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

from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from core.config.experiment import Experiment
from core.data import home
from core.runs.session import store
from tests.runs.made import recorded
from tests.tui.waiting import screen_text
from torture.keys import ABOVE, Presser, Staying, keep_training
from tui.app import PANES
from tui.frame.key_footer import KeyFooter
from tui.keymap import keys
from tui.keymap.verbs import VERBS

UNTYPED = [
    verb
    for verb, each in VERBS.items()
    if not (key_to_character(each.keys[0]) or " ").strip().isprintable()
    or not (key_to_character(each.keys[0]) or " ").strip()
]
"""Verbs whose keys are no characters, and are therefore not typed into fields."""

LETTERS = {verb: chr(ord("Ѡ") + at) for at, verb in enumerate(VERBS) if verb not in UNTYPED}
"""A letter for each verb whose key is a character, from a corner of Unicode that nothing else uses.

Those of the others keep their keys, with which fields and dialogs are left.
"""

WORDS = {"close": ("Esc", "esc "), "open": ("Enter", "⏎"), "mark": ("Space", "space ")}
"""How the screen names the keys of other verbs."""

SIZES = ((80, 24), (120, 40), (200, 50), (60, 20))
RESIZED = 20
"""Number of keys between two changes of the terminal's size."""
NOT_HERE = "; not here"
"""What the footer says of a key that means nothing in a place."""
LEAVING = ("quit", "quit_anywhere")


class SilentKeyError(Exception):
    """A key that the screen names did nothing."""


def named(app: Staying) -> list[str]:
    """Return the verbs whose keys the screen names."""
    text = screen_text(app)
    return [
        *(verb for verb, letter in LETTERS.items() if letter in text),
        *(verb for verb, words in WORDS.items() if any(word in text for word in words)),
    ]


async def press(pane: str, count: int, seed: int, train: bool) -> int:
    """Press `count` keys that are named, in one pane; return how many different ones there were.

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
    presser, inside, seen = Presser(app), 0, set[str]()
    try:
        async with app.run_test(
            size=SIZES[0], notifications=True, message_hook=presser.on_message
        ) as pilot:
            app.pane = pane
            for at in range(count):
                if at % RESIZED == 0:
                    if train:
                        await keep_training(app, pilot, experiment)
                    await presser.resize(pilot, SIZES[at // RESIZED % len(SIZES)])
                if len(app.screen_stack) == 1:
                    inside, app.pane = 0, pane
                inside += 1
                await settled(pilot)
                found = [verb for verb in named(app) if verb not in LEAVING]
                verb = "close" if inside > ABOVE or not found else rng.choice(found)
                seen.add(verb)
                await presser.press(pilot, keys.keys_of(verb)[0])
                await settled(pilot)
                refused = [footer.refused for footer in app.screen.query(KeyFooter)]
                if verb in found and any(NOT_HERE in words for words in refused):
                    for footer in app.screen.query(KeyFooter):
                        footer.refused = ""
                    await settled(pilot)
                    # A dialog that closed by itself took its keys with it.
                    if verb in named(app):
                        raise SilentKeyError(f"{verb} in {pane}:\n{screen_text(app)}")
            app.runner.end()
    finally:
        keys.use({})
    return len(seen)


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
