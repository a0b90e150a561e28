"""A run that is interrupted at every update, in every way: `python -m torture.updates`."""

import argparse
import os
import signal
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from core.config.experiment import Experiment
from core.runs.recorder import Recorder
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import Evaluated, Event, UpdateDone
from tests.runs.made import DEEP
from torture import runs
from torture.process import BrokenError, become_subreaper, check, fork, reap, run, wait_for_end
from torture.runs import AUGMENTATIONS, EDITS, SMALL, Outcome

WAYS = (
    "killed at once",
    "killed with its points safe",
    "killed after its checkpoint",
    "stopped",
    "interrupted",
)
"""How a run is interrupted: the last is by Ctrl+C, the one before it by a key of the app, and the
others by SIGKILL."""

KINDS: tuple[dict[str, object], ...] = (
    *({"augmentation": name, "kept_checkpoints": 5} for name in AUGMENTATIONS),
    {"augmentation": "fresh", "dtype": "float64", "normalisation": "channel", "shards": 3},
    {"augmentation": "none", "label_smoothing": 0.1, "decay": 0.5, "growth": 1.5},
    {"augmentation": "offline", "max_updates": 17, "schedule": "constant"},
    DEEP,
)


def go_on(root: Path, experiment: Experiment, stop: int | None, way: str) -> None:
    """Train or resume the run until it is interrupted after `stop` updates."""
    on_step_end = Recorder.on_step_end

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def listen(of: Session, event: Event) -> None:
        if isinstance(event, UpdateDone | Evaluated) and way == WAYS[1]:
            of.store.writer.flush()
        if not isinstance(event, UpdateDone) or event.update != stop:
            return
        if way == "stopped":
            of.control.stop()
        elif way == "interrupted":
            of.control.interrupt()
        elif way in WAYS[:2]:
            die()

    def save(recorder: Recorder) -> None:
        on_step_end(recorder)
        recorder._store.writer.flush()
        if way == WAYS[2] and len(recorder._history.updates) == stop:
            die()

    if way != WAYS[0]:
        Recorder.on_step_end = save  # type: ignore[method-assign]
    runs.train(root, experiment, EDITS, listen, threads=2, every=0)


def interrupted(root: Path, experiment: Experiment, stops: Iterable[int], way: str) -> Outcome:
    """Interrupt a run at each of `stops`, let it finish, and return the outcome.

    Raises:
        BrokenError: if it cannot be resumed.
    """
    for stop in [*stops, None]:
        code = wait_for_end(fork(lambda stop=stop: go_on(root, experiment, stop, way)), 60)  # type: ignore[misc]
        reap(10)
        died = stop is not None and way in WAYS[:3]
        check(code == (-signal.SIGKILL if died else 0), f"a training ended with {code}")
        if died:
            (kept,) = Store(root).runs()
            check(kept.state is RunState.CRASHED, f"{kept.id} is shown as {kept.state.value}")
            if way != WAYS[0]:
                check(kept.updates >= (stop or 0), "points that were safe are not there")
    store = Store(root)
    return runs.outcome(store, store.runs()[0])


def torture(kinds: int, every: int, report: Callable[[str], None]) -> str:
    """Run the stress test, and return its figures.

    Args:
        kinds: number of `KINDS` to run.
        every: interrupt at every `every`-th update.
        report: called with a line for each finished kind.
    """
    become_subreaper()
    interruptions = resumes = 0
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        for number, values in enumerate(KINDS[:kinds]):
            experiment = SMALL.changed(**values)
            expected = runs.undisturbed(Path(place) / f"expected-{number}", experiment, EDITS)
            everywhere = range(1, expected.updates, every)
            for way in WAYS:
                for stops in [*([stop] for stop in everywhere), everywhere]:
                    root = Path(place) / f"{number}-{way}-{stops}"
                    what = f"{values}, {way} at {list(stops)}"
                    try:
                        found = interrupted(root, experiment, stops, way)
                    except BrokenError as error:
                        error.add_note(what)
                        raise
                    check(expected.same(found), f"a run came out otherwise: {what}")
                    interruptions += len(stops)
                    resumes += 1
            report(f"{values}: {expected.updates} updates")
    return (
        f"{resumes} runs of {kinds} kinds interrupted {interruptions} times, at "
        f"{'every update' if every == 1 else f'one update in {every}'} and in {len(WAYS)} ways, "
        f"all to the bit at the end"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", type=int, default=len(KINDS))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    report = print if given.verbose else lambda line: None
    run("updates", lambda: torture(given.kinds, given.every, report))


if __name__ == "__main__":
    main()
