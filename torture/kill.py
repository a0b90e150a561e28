"""A training that is repeatedly killed at random moments and resumed: `python -m torture.kill`."""

import argparse
import itertools
import mmap
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.config.experiment import Experiment
from core.runs import database, session
from core.runs.recorder import Recorder
from core.runs.records import Run, RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Edited, Event, Finished, Started, UpdateDone
from core.training.timeline import Edit
from torture import runs
from torture.process import become_subreaper, check, fork, reap, run, wait_for_end
from torture.runs import SMALL, Outcome

MAX_LOST_S = 2.0
"""Maximum seconds of points that a kill may lose."""
RESUME_KILLED = 0.6
"""Probability that a resumed run is killed again."""
FLUSH = 0.003
"""Probability, per update, that the process flushes all points; only every other process does."""
KILLED_EARLY = 0.2
"""Probability that a process is killed while it starts."""
STARTUP_S = 0.1
"""Maximum seconds that a process takes to start."""

SOONER = 0.8
"""Factor on the time until a kill after a kill that came too late."""

HALF_CYCLES = {"none": 1100, "offline": 1100, "fresh": 700}
"""Half cycles for about two seconds of training, by augmentation."""


def cases() -> list[tuple[Experiment, tuple[Edit, ...]]]:
    """Return the settings and edits that are run in turn."""
    return [
        (
            SMALL.changed(augmentation=name, half_cycle=half, cycles=1, evaluate_every=50),
            (
                Edit(half // 3, {"eta_max": 0.05}),
                Edit(half // 2, {"half_cycle": half + 100, "weight_decay": 0.01}),
                Edit(half + 150, {"label_smoothing": 0.1}),
            ),
        )
        for name, half in HALF_CYCLES.items()
    ]


class Acknowledged:
    """What was acknowledged to a process as durable, in memory that outlives it."""

    def __init__(self, updates: int) -> None:
        page = mmap.mmap(-1, 8 * (updates + 9))
        self._cells: npt.NDArray[np.float64] = np.frombuffer(page, np.float64)

    def clear(self) -> None:
        """Reset everything."""
        self._cells[:] = 0

    def take(self, name: str, value: float) -> None:
        """Set a value: `created`, `points`, `edits`, `finished`, `latest`."""
        self._cells[_FACTS.index(name)] = value

    def __getitem__(self, name: str) -> int:
        return int(self._cells[_FACTS.index(name)])

    def at(self, update: int) -> None:
        """Record the time of an update that has just been done."""
        self._cells[8 + update] = time.monotonic()
        self.take("latest", update)

    def when(self, update: int) -> float:
        """Return the time of an update; 0 if this process has not done it."""
        return float(self._cells[8 + update])


_FACTS = ("created", "points", "edits", "finished", "latest")


@dataclass
class Figures:
    """The figures so far."""

    kills: int = 0
    beginnings: int = 0
    """Kills before the run was created."""
    ends: int = 0
    """Kills that came too late."""
    points: int = 0
    edits: int = 0
    most: int = 0
    """Maximum kills of one run."""
    lost: list[float] = field(default_factory=list)
    reaped: float = 0.0


def train(
    root: Path,
    experiment: Experiment,
    edits: tuple[Edit, ...],
    acknowledged: Acknowledged,
    seed: int,
) -> None:
    """Train or resume a run, and record what is acknowledged. Called in the process to kill."""
    rng, flush = random.Random(seed), FLUSH * (seed % 2)

    class Noting(Recorder):
        def on_committed(self) -> None:
            super().on_committed()
            acknowledged.take("points", self.committed)

    session.Recorder = Noting  # type: ignore[misc, attr-defined]

    def listen(of: Session, event: Event) -> None:
        if isinstance(event, UpdateDone):
            acknowledged.at(event.update)
            if rng.random() < flush:
                of.store.writer.flush()
        elif isinstance(event, Started):
            acknowledged.take("created", 1)
        elif isinstance(event, Edited):
            acknowledged.take("edits", edits.index(event.edit) + 1)
        elif isinstance(event, Finished):
            acknowledged.take("finished", 1)

    runs.train(root, experiment, edits, listen, threads=2, every=0.1)


def killed(work: Callable[[], None], seconds: float) -> tuple[bool, float]:
    """Kill a process after some seconds; return whether it was still alive, and the time."""
    process = fork(work)
    time.sleep(seconds)
    now = time.monotonic()
    os.kill(process, signal.SIGKILL)
    code = wait_for_end(process, 10)
    check(code in (0, -signal.SIGKILL), f"a training ended with {code}")
    return code != 0, now


def inspect(
    root: Path, acknowledged: Acknowledged, expected: Outcome, edits: tuple[Edit, ...]
) -> Run | None:
    """Check the state that a kill has left.

    Raises:
        BrokenError: if it does not contain what was acknowledged.
    """
    path = root / database.NAME
    if path.exists() and path.stat().st_size:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
        check(found == [("ok",)], f"the database is not sound: {found[:3]}")
    store = Store(root)
    there = store.runs()
    if not there:
        check(not acknowledged["created"], "a run that had started is not in the list")
        return None
    kept = there[0]
    over = (
        (RunState.FINISHED,) if acknowledged["finished"] else (RunState.FINISHED, RunState.CRASHED)
    )
    check(kept.state in over, f"{kept.id} is shown as {kept.state.value}")
    points = runs.recorded(store.history(kept))
    count = len(points["updates.update"])
    check(count >= acknowledged["points"], f"{count} points are left of {acknowledged['points']}")
    check(expected.holds(points), "points are not those of the run that was never killed")
    made = store.edits(kept)
    check(made == edits[: len(made)], f"edits came out as {made}")
    check(
        len(made) >= acknowledged["edits"], f"{len(made)} edits are left of {acknowledged['edits']}"
    )
    return kept


def one_round(
    root: Path,
    case: tuple[Experiment, tuple[Edit, ...]],
    expected: Outcome,
    seconds: float,
    rng: random.Random,
    figures: Figures,
) -> bool:
    """Begin a run, kill it, let it finish, and compare it with the expected outcome.

    Returns:
        Whether it was killed at all before it finished.
    """
    experiment, edits = case
    acknowledged, kills = Acknowledged(expected.updates), 0
    while kills == 0 or rng.random() < RESUME_KILLED:
        acknowledged.clear()
        seed = rng.randrange(2**32)
        until = STARTUP_S if rng.random() < KILLED_EARLY else seconds
        in_time, now = killed(
            lambda seed=seed: train(root, experiment, edits, acknowledged, seed),  # type: ignore[misc]
            rng.uniform(0, until),
        )
        figures.reaped = max(figures.reaped, reap(10))
        kept = inspect(root, acknowledged, expected, edits)
        figures.points += acknowledged["points"]
        figures.edits += acknowledged["edits"]
        if not in_time:
            figures.ends += 1
            break
        kills += 1
        if kept is None:
            figures.beginnings += 1
        elif acknowledged["latest"] > kept.updates:
            figures.lost.append(now - acknowledged.when(kept.updates + 1))
    figures.kills += kills
    figures.most = max(figures.most, kills)
    last = fork(lambda: train(root, experiment, edits, acknowledged, 0))
    check(wait_for_end(last, 120) == 0, "a run could not go on")
    reap(10)
    store = Store(root)
    check(expected.same(runs.outcome(store, store.runs()[0])), "a run came out otherwise")
    return kills > 0


def torture(rounds: int, seed: int) -> str:
    """Run the stress test, and return its figures."""
    become_subreaper()
    rng, figures = random.Random(seed), Figures()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        known = []
        for number, case in enumerate(cases()[:rounds]):
            began = time.perf_counter()
            expected = runs.undisturbed(Path(place) / f"expected-{number}", *case)
            known.append((case, expected, 1.2 * (time.perf_counter() - began)))
        for number in range(rounds):
            case, expected, seconds = known[number % len(known)]
            for attempt in itertools.count():
                root = Path(place) / f"round-{number}-{attempt}"
                try:
                    if one_round(root, case, expected, seconds, rng, figures):
                        break
                except Exception as error:
                    error.add_note(f"round {number} of seed {seed}")
                    raise
                # The machine has become faster since the time was measured.
                seconds *= SOONER
            known[number % len(known)] = case, expected, seconds
    lost = max(figures.lost, default=0.0)
    check(lost < MAX_LOST_S, f"{lost:.2f} s of points were lost")
    return (
        f"{rounds} runs killed {figures.kills} times, one up to {figures.most} times "
        f"({figures.beginnings} before there was a run), all sound and to the bit at the end; "
        f"{figures.points:,} acknowledged points and {figures.edits} edits kept; "
        f"at most {lost:.2f} s of points lost, helpers gone after {1e3 * figures.reaped:.0f} ms; "
        f"seed {seed}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    run("kill", lambda: torture(given.rounds, given.seed))


if __name__ == "__main__":
    main()
