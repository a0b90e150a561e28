"""Studies whose processes are killed at random moments: `python -m torture.sweeps`.

Killed are the command, with which the workers of this machine end, single workers of this machine
and of a cluster that stands, and the scheduler of the latter. Then the same command goes on. At the
end all results, curves and weights are those of a study that was never disturbed.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
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
from torture.standing import Standing

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
"""Probability that something is killed while a command is at work; else it may end."""
WORKER, SCHEDULER = 0.3, 0.3
"""Probability that a kill is one of a worker, which the command survives, and of a scheduler that
stands, which it does not."""
STANDING = 0.3
"""Probability that a study is trained on a cluster that stands."""
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

    studies: int = 0
    commands: int = 0
    workers: int = 0
    schedulers: int = 0
    ends: int = 0
    """Kills that came too late."""
    kept: int = 0
    """Results that were there after a kill."""
    reaped: float = 0.0
    """Most seconds until the workers of a command that was killed were gone."""

    @property
    def kills(self) -> int:
        """All kills."""
        return self.commands + self.workers + self.schedulers


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


def differences(found: Any, expected: Any) -> str:
    """Return in which trials and results two outcomes differ."""
    words = [] if found[0] is expected[0] else [f"its state is {found[0].value}"]
    for what, one, other in zip(("trial", "result"), found[1:], expected[1:], strict=True):
        words += [
            f"{what} {key} is {one.get(key)}, not {other.get(key)}"
            for key in sorted({*one, *other})
            if one.get(key) != other.get(key)
        ]
    return "; ".join(words)


def begin(folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start the command that runs the study, or goes on with it."""
    path = folder / f"{NAME}.toml"
    path.write_text(STUDY)
    command = [sys.executable, "-m", "tui", "sweep", "run", str(path), *options]
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


def one_study(folder: Path, expected: Any, rng: random.Random, figures: Figures) -> None:
    """Run a study whose processes are killed again and again, and compare its outcome.

    Raises:
        BrokenError: if it is another, or anything is lost or left on the way.
    """
    with ExitStack() as stack:
        cluster = None
        if rng.random() < STANDING:
            (folder / "cluster").mkdir()
            cluster = stack.enter_context(Standing(folder / "cluster", 2))
        told: Results = {}
        while not once(folder, cluster, rng, figures):
            told = inspect(folder / "saved_models", told, expected)
            figures.kept += len(told)
    reap(ORPHANED_S)
    figures.studies += 1
    root = folder / "saved_models"
    found = outcome(root)
    check(found == expected, f"the study came to another end: {differences(found, expected)}")
    check(len(Store(root).runs()) == len(expected[1]), "a trial was begun twice")
    check(not running(root), "a run is still locked")
    # A command that is killed while it begins a run may leave the folder, with nothing in it.
    findings = [
        each.what
        for each in examine(Store(root)).findings
        if each.kind != "folder" or each.path is None or RunFolder(each.path).numbered()
    ]
    check(not findings, f"the doctor finds {findings}")


def once(folder: Path, cluster: Standing | None, rng: random.Random, figures: Figures) -> bool:
    """Run the command, and kill something or nothing; return whether the study is over.

    Raises:
        BrokenError: if the command does not end as it should.
    """
    options: tuple[str, ...] = () if rng.random() < 0.5 else ("--workers", "2")
    if cluster is not None:
        options = "--scheduler", cluster.start()
    process = begin(folder, *options)
    if rng.random() >= KILLED:
        ended(process)
        return True
    time.sleep(rng.uniform(0, LONGEST_S))
    kind = rng.random()
    if kind < WORKER and cluster is not None:
        cluster.kill_any_worker(rng)
        cluster.start()
        figures.workers += 1
        ended(process)
        return True
    if kind < WORKER and (workers := workers_of(process)):
        rng.choice(workers).kill()
        figures.workers += 1
        ended(process)
        return True
    if kind > 1 - SCHEDULER and cluster is not None:
        cluster.kill_scheduler()
        _, errors = process.communicate(timeout=COMMAND_S)
        figures.schedulers += process.returncode != 0
        figures.ends += process.returncode == 0
        lines = errors.decode().strip().splitlines()
        check(
            process.returncode == 0 or ("scheduler" in lines[-1] and b"Traceback" not in errors),
            f"without its scheduler the command ended with {errors!r}",
        )
        return process.returncode == 0
    process.send_signal(signal.SIGKILL)
    assert process.stderr is not None
    process.stderr.close()
    if process.wait() != -signal.SIGKILL:
        figures.ends += 1
        return True
    figures.commands += 1
    if cluster is None:
        figures.reaped = max(figures.reaped, reap(ORPHANED_S))
    return False


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
    """Run studies until as many processes have been killed; return the figures in words."""
    become_subreaper()
    rng, figures = random.Random(seed), Figures()
    with tempfile.TemporaryDirectory() as base:
        whole = Path(base) / "whole"
        whole.mkdir()
        ended(begin(whole, "--workers", "0"))
        expected = outcome(whole / "saved_models")
        while figures.kills < rounds:
            folder = Path(base) / str(figures.studies)
            folder.mkdir()
            one_study(folder, expected, rng, figures)
            shutil.rmtree(folder)
    return (
        f"{figures.studies} studies to the same bits: {figures.commands} commands killed, "
        f"{figures.workers} workers and {figures.schedulers} schedulers, {figures.ends} too late; "
        f"{figures.kept:,} results kept, workers gone after {figures.reaped:.1f} s; seed {seed}"
    )


def main() -> None:
    """Read the arguments and run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="processes that are killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    run("sweeps", lambda: torture(given.rounds, given.seed))


if __name__ == "__main__":
    main()
