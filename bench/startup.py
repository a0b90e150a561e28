"""The time from process start to a first screen that accepts keys, beside a small Textual app.

All start in turns, so that a change in the speed of the machine affects all: the small app, and
ours without CIFAR-10, with it, and with 1,000 runs in the store.
"""

import os
import statistics
import tempfile
from pathlib import Path

from bench import runs, small_app
from bench.terminal import Terminal
from core.data import cifar10, home

ROUNDS = 7
FIRST_WORD, LAST_WORD = "half cycle", "Quit"
"""A word of the settings, and the last word of the footer."""
SMALL = "a table and a footer"


def started(arguments: list[str], words: tuple[str, str]) -> float:
    """Start a program, and return the seconds until all the words are on its screen."""
    terminal = Terminal(arguments)
    shown = [terminal.wait_for(word, 60) for word in words]
    terminal.read(0.5)  # the offer to fetch CIFAR-10 comes after the first screen
    terminal.press(b"\x1b")  # and closes
    terminal.read(0.3)
    terminal.press(b"q")
    while terminal.read(0.1):
        pass
    terminal.close()
    seconds = [each for each in shown if each is not None]
    if len(seconds) < len(words):
        raise SystemExit(f"{' '.join(arguments)} showed no first screen within 60 s")
    return max(seconds)


def prepared(folder: Path, data: Path | None, with_runs: bool) -> Path:
    """Return a home folder with CIFAR-10, or with many runs."""
    folder.mkdir()
    if data is not None:
        (folder / "data").mkdir()
        (folder / "data" / data.name).symlink_to(data)
    if with_runs:
        runs.fill(folder / "saved_models")
    return folder


def main() -> None:
    """Measure all, and print the table."""
    found = cifar10.find(None)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        homes = {"without CIFAR-10": prepared(root / "empty", None, False)}
        if found is not None:
            homes["with CIFAR-10"] = prepared(root / "data", found.absolute(), False)
        homes[f"with {runs.RUNS:,} runs"] = prepared(root / "runs", None, True)
        seconds: dict[str, list[float]] = {SMALL: [], **{name: [] for name in homes}}
        for _ in range(ROUNDS + 1):
            words = small_app.FIRST_WORD, small_app.LAST_WORD
            seconds[SMALL].append(started(["-m", "bench.small_app"], words))
            for name, folder in homes.items():
                os.environ[home.HOME_VARIABLE] = str(folder)
                seconds[name].append(started(["-m", "tui"], (FIRST_WORD, LAST_WORD)))
    small = statistics.median(seconds[SMALL][1:])
    print(f"start-up, {ROUNDS} starts of each in turns, to a first screen that accepts keys")
    for name, taken in seconds.items():
        middle = statistics.median(taken[1:])
        print(
            f"  {name:<20} {middle:.2f} s ({min(taken[1:]):.2f} to {max(taken[1:]):.2f}), "
            f"{middle / small:.2f} of the small app"
        )


if __name__ == "__main__":
    main()
