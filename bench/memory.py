"""The memory of a training: the estimate that Configure shows, and the memory that the app uses.

Every training runs in the real app, in a pseudo-terminal, and ends when it has evaluated once and
written a checkpoint. The memory used is the peak resident memory of the app plus the private memory
of its worker processes. Fails if it differs from the estimate by more than a fifth.

    python -m bench.memory [--data DIR] [--only PRESET]
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic

import psutil

from bench.terminal import Terminal
from core import plan_text
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10, home
from core.errors import StoreError
from core.plan import plan
from core.runs.store import Store
from core.system import available_cores

WITHIN = 0.2
"""Fraction by which used and estimated memory may differ."""

TIMEOUT_S = 1200.0
"""Seconds to wait for the first evaluation of a training."""

APP = """
import sys
from pathlib import Path
from core.config.experiment import Experiment
from tui.app import Convsole
from tui.launch import run
experiment, data = sys.argv[1:]
run(Convsole(Path(data) if data else None, experiment=Experiment.read(Path(experiment))))
"""

VARIANTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("arch-2", {"dtype": "float64"}),
    ("arch-2", {"shards": 1}),
    ("arch-2", {"shards": 3}),
    ("arch-2", {"shards": 4}),
    ("arch-2", {"batch_size": 25}),
    ("arch-2", {"batch_size": 400}),
    ("arch-2", {"augmentation": "offline"}),
    ("arch-2", {"augmentation": "fresh"}),
    ("arch-2", {"normalisation": "channel"}),
    ("final", {"dtype": "float64", "batch_size": 400}),
    ("final", {"shards": 1, "augmentation": "fresh"}),
    ("deep", {"dtype": "float64"}),
    ("deep", {"batch_size": 25, "shards": 4}),
    ("deep", {"batch_size": 400}),
    ("lenet", {"batch_size": 400, "augmentation": "offline"}),
    ("conv1d", {"shards": 4, "batch_size": 400, "dtype": "float64"}),
)
"""Changes of settings that the memory of a preset depends on."""


def resident(process: int, field: str = "VmRSS") -> float:
    """Return the resident memory of a process in MB, current or peak (`VmHWM`)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def private(process: int) -> float:
    """Return the private memory of a process in MB; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def used(experiment: Experiment, data: Path | None) -> float:
    """Train in the app, and return the memory used in MB."""
    with tempfile.TemporaryDirectory() as place:
        os.environ[home.HOME_VARIABLE] = place
        settings = Path(place) / "settings.toml"
        settings.write_text(experiment.changed(evaluate_every=10).to_toml())
        terminal = Terminal(["-c", APP, str(settings), str(data or "")])
        try:
            if terminal.wait_for("Quit", 60) is None:
                sys.exit("the app showed no first screen within 60 s")
            terminal.read(1.0)
            terminal.press(b"g")
            store, workers, end = Store(Path(place) / "saved_models"), 0.0, monotonic() + TIMEOUT_S
            while True:
                if monotonic() > end or not terminal.read(0.3):
                    sys.exit(f"{experiment.name} was not evaluated within {TIMEOUT_S:.0f} s")
                children = psutil.Process(terminal.pid).children()
                workers = max(workers, sum(private(child.pid) for child in children))
                try:
                    runs = store.runs() if store.root.is_dir() else []
                except StoreError:  # the database is being created
                    continue
                if runs and runs[0].evaluations >= 2:
                    return resident(terminal.pid, "VmHWM") + workers
        finally:
            os.kill(terminal.pid, signal.SIGKILL)
            terminal.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="CIFAR-10; by default that of the data folder")
    parser.add_argument("--only", help="one preset")
    given = parser.parse_args()
    found = cifar10.find(given.data)
    wanted = [*((name, dict[str, object]()) for name in presets.ORDER), *VARIANTS]
    print("| training | data | promised MB | used MB | used / promised |")
    print("| --- | --- | ---: | ---: | ---: |")
    off = 0
    for dataset, data in (("cifar10", found), ("synthetic", None)):
        if dataset == "cifar10" and data is None:
            continue
        for name, changes in wanted:
            if given.only and given.only != name:
                continue
            experiment = presets.load(name).changed(dataset=dataset, **changes)
            planned = plan(experiment, dataset)
            promised = (plan_text.APP_BYTES + planned.memory(available_cores())) / 1e6
            took = used(experiment, data)
            off += not 1 - WITHIN <= took / promised <= 1 + WITHIN
            words = ", ".join([name, *(f"{key} {value}" for key, value in changes.items())])
            print(
                f"| {words} | {dataset} | {promised:,.0f} | {took:,.0f} | {took / promised:.2f} |",
                flush=True,
            )
    if off:
        sys.exit(f"memory: {off} trainings took more than a fifth more, or less, than promised")


if __name__ == "__main__":
    main()
