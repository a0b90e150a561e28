"""The time from process start to a first screen that accepts keys: median of five, one warm-up."""

import statistics
import sys

from bench.terminal import Terminal

FIRST_WORD, LAST_WORD = "half cycle", "Quit"
"""A word of the settings, and the last word of the footer."""


def main() -> None:
    seconds = []
    for _ in range(6):
        terminal = Terminal(["-m", "tui"])
        shown = terminal.wait_for(FIRST_WORD, 30)
        keys = terminal.wait_for(LAST_WORD, 30)
        if shown is None or keys is None:
            sys.exit("the app showed no first screen within 30 s")
        seconds.append(max(shown, keys))
        terminal.press(b"\r")  # closes the offer to fetch CIFAR-10, if it is shown
        terminal.read(0.3)
        terminal.press(b"q")
        while terminal.read(0.1):
            pass
        terminal.close()
    measured = seconds[1:]
    print(
        f"start-up: {statistics.median(measured):.2f} s to the first screen, "
        f"median of {len(measured)} ({min(measured):.2f} to {max(measured):.2f})"
    )


if __name__ == "__main__":
    main()
