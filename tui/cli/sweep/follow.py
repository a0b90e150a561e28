"""The progress of a study on stderr and its result on stdout, which `run` and `resume` share."""

from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import format as fmt
from core.cluster.connection import Tls, check_address, check_certificates
from core.data import source
from core.data.dataset import Dataset
from core.runs.studies.records import StudyRecord, StudyState, TrialRecord
from core.settings import SettingError
from core.sweeps.definition.study import Study
from core.sweeps.execution.executor import Executor
from core.sweeps.execution.executors import open_executor
from core.sweeps.execution.progress import Best, best_of
from core.sweeps.execution.run import Sweep, find, is_over
from tui import exit_codes
from tui.cli import inputs, say
from tui.cli.sweep import text
from tui.cli.sweep.bar import StudyBar
from tui.cli.table import output

if TYPE_CHECKING:
    from core.runs.store import Store


@dataclass(frozen=True)
class Place:
    """Where a study is trained, as the options say."""

    scheduler: str | None
    """Address of a scheduler; None for workers of this machine."""
    workers: int | None
    threads: int | None
    allow_remote_tcp: bool
    tls_ca: Path | None
    tls_cert: Path | None
    tls_key: Path | None

    @property
    def tls(self) -> Tls | None:
        """The certificates; None if none are named."""
        if self.tls_ca is None or self.tls_cert is None:
            return None
        return Tls(self.tls_ca, self.tls_cert, self.tls_key)

    def executor(self, dataset: Dataset) -> AbstractContextManager[Executor]:
        """Open what trains the pieces of a study on these images.

        Raises:
            ClusterError: if it cannot be used.
        """
        return open_executor(
            dataset,
            address=self.scheduler,
            workers=self.workers,
            threads=self.threads,
            allow_remote_tcp=self.allow_remote_tcp,
            tls=self.tls,
        )

    def check(self) -> None:
        """Refuse options that contradict each other or cannot be used, before anything is read.

        Raises:
            ClusterError: if the scheduler or the certificates cannot be used.
        """
        if self.scheduler is not None and self.workers is not None:
            say.fail("--workers are those of this machine; leave it or --scheduler out")
        if (self.tls_ca is None) != (self.tls_cert is None):
            say.fail("a cluster by tls needs both --tls-ca and --tls-cert")
        if self.tls_key is not None and self.tls_cert is None:
            say.fail("--tls-key is the key of a certificate; add --tls-cert and --tls-ca")
        if self.scheduler is not None:
            check_address(self.scheduler, self.allow_remote_tcp)
            check_certificates(self.scheduler, self.tls)
        elif self.allow_remote_tcp or self.tls is not None:
            say.fail("--allow-remote-tcp and certificates are for a --scheduler; name it")


def with_time(study: Study, seconds: float | None, spent: float = 0.0) -> Study:
    """Return a study with another limit of time; exit with an error if it is none.

    Args:
        study: the study.
        seconds: the limit; 0 for none, None for that of the study.
        spent: seconds that the study has been at work.
    """
    if seconds is None:
        return study
    if not isfinite(seconds):
        say.fail(f"--wall-seconds {seconds} is no time; give seconds, or 0 for no limit")
    if 0 < seconds <= spent:
        say.fail(
            f"--wall-seconds {seconds:g}: {study.name} has been at work for {spent:.0f} s; "
            "give it more, or 0 for no limit"
        )
    return study.changed(wall_seconds=seconds or None)


def follow(study: Study, data: Path | None, place: Place, *, as_json: bool) -> None:
    """Run a study, print its result, and exit with its code unless it is 0.

    Args:
        study: the study.
        data: the folder or archive of CIFAR-10, or None.
        place: where it is trained.
        as_json: whether to print JSON instead of a table.

    Raises:
        ClusterError, DataError, SettingError, StoreError: for bad input.
    """
    place.check()
    sweep = Sweep(study, data=data)
    with inputs.signals(sweep.control) as received:
        record = find(sweep.store, study)
        if record is not None and is_over(record, study):
            say.note(f"the study {record.name} is finished; this is what it gave")
        else:
            inputs.print_stand_in(study.start, data)
            record = _run(sweep, place, received)
    if as_json:
        say.json_line(result(sweep.store, record))
    else:
        trials = sweep.store.trials(record)
        output(text.table(study, trials, text.RESULT_ROWS))
        if (more := len(trials) - text.RESULT_ROWS) > 0:
            say.line(f"and {more:,} more, which `convsole sweep show {record.name}` shows")
        say.line(_ending(sweep.store, record, study))
    # By a signal, or by another process.
    if received or record.state is StudyState.STOPPED:
        raise SystemExit(exit_codes.INTERRUPTED)
    if record.state is StudyState.FAILED:
        say.fail(f"the study {record.name} failed: {record.reason}", exit_codes.FAILED)


def _run(sweep: Sweep, place: Place, received: inputs.Received) -> StudyRecord:
    """Run a study, with a progress bar."""
    # An interruption is raised while workers are waited for only; the study then is stopped.
    with suppress(KeyboardInterrupt), StudyBar(sweep.study) as bar, sweep, ExitStack() as stack:
        sweep.listen = bar.show
        images = sweep.load(partial(source.load, progress=bar.on_reading))
        for sentence in sweep.notes:
            bar.say(sentence)
        if place.scheduler is not None:
            bar.say(f"waits for workers of {place.scheduler}")
        with received.raising():
            executor = stack.enter_context(place.executor(images))
        sweep.run(images, executor)
    assert sweep.record is not None
    return sweep.record


def result(store: "Store", record: StudyRecord) -> dict[str, Any]:
    """Return what a study has come to, for JSON."""
    trials = store.trials(record)
    try:
        best = best_of(Study.of(record.definition), trials, store.tells(record))
    except SettingError:  # of another version; whoever needs the definition says so
        best = None
    return {
        "study": record.name,
        "state": text.state(store, record),
        "reason": record.reason,
        "trials": len({trial.number for trial in trials}),
        "trainings": len(trials),
        "updates": sum(trial.updates for trial in trials),
        "best": None if best is None else _best(store, best),
        "seconds": record.seconds,
    }


def _best(store: "Store", best: Best) -> dict[str, Any]:
    return {
        "trial": best.trial.number,
        "run": run_id(store, best.trial),
        "settings": best.trial.settings,
        "validation_accuracy": best.accuracy,
        "seeds": best.seeds,
    }


def run_id(store: "Store", trial: TrialRecord) -> str | None:
    """Return the id of the run of a trial; None if it has none, or if it was deleted."""
    run = None if trial.run is None else store.find_existing(trial.run)
    return None if run is None else run.id


def _ending(store: "Store", record: StudyRecord, study: Study) -> str:
    if record.state is StudyState.STOPPED:
        return (
            f"stopped with {text.counted(store.trials(record))}; "
            f"`convsole sweep resume {record.name}` goes on"
        )
    best = best_text(store, record, study) or "no trial was trained to its end"
    # Why one has failed is said as an error.
    ended_early = record.state is StudyState.FINISHED and record.reason
    return f"{record.reason}; {best}" if ended_early else best


def best_text(store: "Store", record: StudyRecord, study: Study) -> str:
    """Return which trial is the best, by the mean over its seeds; empty if none is complete."""
    best = best_of(study, store.trials(record), store.tells(record))
    if best is None:
        return ""
    seeds = "" if best.seeds == 1 else f" on average of {best.seeds} seeds"
    name = run_id(store, best.trial)
    where = "" if name is None else f", run {name}"
    return f"best: trial {best.trial.number} with {fmt.percent(best.accuracy)}{seeds}{where}"
