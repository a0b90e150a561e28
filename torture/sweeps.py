"""A study whose processes are killed at random moments: `python -m torture.sweeps`.

Killed are the command, with which the scheduler dies, and single workers. Then the same command
goes on. At the end all results, curves and weights are those of a study that was never disturbed.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.data import home
from core.runs.checkpoint import load_checkpoint
from core.runs.doctor.check import examine
from core.runs.folder import RunFolder, running
from core.runs.store import Store
from core.runs.studies.records import Tell
from torture.process import become_subreaper, check, reap, run

STUDY = """
preset = "arch-2"
trials = 4
finalists = 1
seeds = [0, 1]
updates = 900
pruning = { kind = "halving", first = 0.25, factor = 2 }
validation_size = 500
[fixed]
dataset = "synthetic"
training_sample = 500
[space]
eta_max = { log = [0.001, 0.1] }
batch_size = { choice = [50, 100] }
"""

NAME = "torture"
KILLED = 0.75
"""Probability that a command is killed at all; else it may end."""
WORKER = 0.3
"""Probability that a kill is one of a worker, which the command survives."""
LONGEST_S = 15.0
"""Maximum seconds until a kill, which reach from the start to the end of a study."""
ORPHANED_S = 20.0
"""Seconds within which workers notice that their command is gone."""
COMMAND_S = 300.0
"""Seconds within which a study ends."""

Results = dict[tuple[int, int, int], tuple[int, float | None, float | None]]


@dataclass
class Figures:
    """The figures so far."""

    commands: int = 0
    workers: int = 0
    ends: int = 0
    """Kills that came too late."""
    kept: int = 0
    """Results that were there after a kill."""
    reaped: float = 0.0
    """Most seconds until the workers of a command that was killed were gone."""


def results(tells: list[Tell]) -> Results:
    """Return what a study was told, by trial, seed and rung."""
    return {
        (tell.trial, tell.seed, tell.rung): (tell.update, tell.accuracy, tell.loss)
        for tell in tells
    }


def outcome(root: Path) -> Any:
    """Return what a study came to, apart from times and the numbers of its runs."""
    store = Store(root)
    study = store.study(NAME)
    trials = {}
    for trial in store.trials(study):
        found = None if trial.run is None else store.get(trial.run)
        weights = hashlib.sha256()
        if found is not None:
            (newest, *_) = RunFolder(store.folder(found)).numbered()
            for _, values in sorted(load_checkpoint(newest).state.tensors.items()):
                weights.update(values.tobytes())
            for name, column in store.history(found).updates.read().items():
                if name != "seconds":
                    weights.update(column.tobytes())
        trials[trial.key] = trial.settings, trial.state, trial.updates, weights.hexdigest()
    return study.state, trials, results(store.tells(study))


def begin(folder: Path, workers: int) -> "subprocess.Popen[bytes]":
    """Start the command that runs the study, or goes on with it."""
    path = folder / f"{NAME}.toml"
    path.write_text(STUDY)
    command = [sys.executable, "-m", "tui", "sweep", "run", str(path), "--workers", str(workers)]
    environment = {**os.environ, home.HOME_VARIABLE: str(folder)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a command that was not killed; it must have trained everything."""
    _, errors = process.communicate(timeout=COMMAND_S)
    check(process.returncode == 0, f"the command ended with {process.returncode}: {errors!r}")


def workers_of(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """Return the processes that train for a command."""
    try:
        below = psutil.Process(process.pid).children(recursive=True)
        return [each for each in below if "spawn_main" in " ".join(each.cmdline())]
    except psutil.Error:
        return []


def one_round(folder: Path, expected: Any, rng: random.Random, figures: Figures) -> None:
    """Run a study that is killed again and again, and compare its outcome.

    Raises:
        BrokenError: if it is another, or anything is lost or left on the way.
    """
    told: Results = {}
    while True:
        process = begin(folder, 2)
        if rng.random() >= KILLED:
            ended(process)
            break
        time.sleep(rng.uniform(0, LONGEST_S))
        workers = workers_of(process)
        if rng.random() < WORKER and workers:
            rng.choice(workers).kill()
            figures.workers += 1
            ended(process)
            break
        process.send_signal(signal.SIGKILL)
        assert process.stderr is not None
        process.stderr.close()
        if process.wait() != -signal.SIGKILL:
            figures.ends += 1
            break
        figures.commands += 1
        figures.reaped = max(figures.reaped, reap(ORPHANED_S))
        told = inspect(folder / "saved_models", told, expected)
        figures.kept += len(told)
    reap(ORPHANED_S)
    root = folder / "saved_models"
    check(outcome(root) == expected, "the study came to another end")
    check(len(Store(root).runs()) == len(expected[1]), "a trial was begun twice")
    check(not running(root), "a run is still locked")
    findings = examine(Store(root)).findings
    check(not findings, f"the doctor finds {[found.what for found in findings]}")


def inspect(root: Path, told: Results, expected: Any) -> Results:
    """Check what a kill has left; return the results that are there.

    Raises:
        BrokenError: if one has gone, or is not that of the study that was never killed.
    """
    check(not running(root), "a lock has outlived its process")
    store = Store(root)
    studies = store.studies()
    found = results(store.tells(studies[0])) if studies else {}
    check(told.items() <= found.items(), "a result that was told is gone")
    check(found.items() <= expected[2].items(), "a result is another than without a kill")
    return found


def torture(rounds: int, seed: int) -> str:
    """Run the rounds; return the figures in words."""
    become_subreaper()
    rng, figures = random.Random(seed), Figures()
    with tempfile.TemporaryDirectory() as base:
        whole = Path(base) / "whole"
        whole.mkdir()
        ended(begin(whole, 0))
        expected = outcome(whole / "saved_models")
        for number in range(rounds):
            folder = Path(base) / str(number)
            folder.mkdir()
            one_round(folder, expected, rng, figures)
    return (
        f"{rounds} studies, their commands killed {figures.commands} times and workers "
        f"{figures.workers} times ({figures.ends} too late), all to the bit at the end; "
        f"{figures.kept:,} results kept, workers gone after {figures.reaped:.1f} s; seed {seed}"
    )


def main() -> None:
    """Read the arguments and run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    run("sweeps", lambda: torture(given.rounds, given.seed))


if __name__ == "__main__":
    main()
