"""How much a second busy process slows an update: `python -m bench.busy`."""

import signal
import subprocess
import sys
from time import perf_counter

from core.benchmark import cases
from core.benchmark.contender import Ours
from core.data import source

SECONDS = 2.0
"""Duration of a turn, long compared with the time slices of the scheduler."""

TURNS = 3


def rate(ours: Ours) -> float:
    """Return the mean milliseconds of an update during one turn."""
    done, began = 0, perf_counter()
    with ours.block():
        while (took := perf_counter() - began) < SECONDS:
            ours.update(done)
            done += 1
    return 1e3 * took / done


def main() -> None:
    dataset = cases.reduced(source.load("auto", None, 1000))
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    busy.send_signal(signal.SIGSTOP)
    try:
        print("| architecture | alone ms | beside a busy process ms | times as long |")
        print("| --- | ---: | ---: | ---: |")
        for name in cases.CASES:
            ours = Ours(cases.case(name), dataset, threads=2)
            alone, beside = [], []
            for _ in range(TURNS):
                alone.append(rate(ours))
                busy.send_signal(signal.SIGCONT)
                beside.append(rate(ours))
                busy.send_signal(signal.SIGSTOP)
            ours.close()
            mean, slowed = sum(alone) / TURNS, sum(beside) / TURNS
            print(f"| {name} | {mean:.2f} | {slowed:.2f} | {slowed / mean:.2f} |", flush=True)
    finally:
        busy.kill()


if __name__ == "__main__":
    main()
