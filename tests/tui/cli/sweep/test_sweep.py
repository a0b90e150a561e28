"""Tests of `convsole sweep`."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.runs.folder import running as locked_runs
from core.runs.records import RunState
from core.runs.session import store
from core.runs.store import Store
from core.runs.studies.records import StudyState
from core.sweeps.definition.study import Study
from tests.processes import running
from tests.tui.cli.commands import refused, run, train
from tui.cli.sweep import follow

SHORT = """
preset = "arch-2"
trials = 4
finalists = 1
seeds = [0, 1]
updates = 40
pruning = { kind = "halving", first = 0.25, factor = 2 }
validation_size = 500
[fixed]
dataset = "synthetic"
training_sample = 100
[space]
eta_max = { log = [0.001, 0.1] }
batch_size = { choice = [50, 100] }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rates.toml"
    path.write_text(SHORT)
    return path


def line(result: Any) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_missing_package_is_one_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setattr("core.sweeps.sampler.STARTUP", 0)
    file.write_text('sampler = "tpe"' + SHORT)
    failed = run("sweep", "run", str(file), "--workers", "0")
    assert failed.exit_code == 1
    assert "TPE and importance need the package optuna" in failed.stderr
    assert "Traceback" not in failed.output
    assert store().study("rates").state is StudyState.FAILED


def test_a_study_is_run_shown_and_exported(file: Path, tmp_path: Path) -> None:
    made = line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    assert (made["study"], made["state"], made["trials"]) == ("rates", "finished", 4)
    assert made["trainings"] == 5
    best = made["best"]
    assert best["settings"].keys() == {"eta_max", "batch_size"}
    assert (best["run"], best["seeds"]) == (f"rates-{best['trial']}-1", 2)
    runs = line(run("runs", "list", "--json"))["runs"]
    assert len(runs) == 5
    assert made["updates"] == sum(each["updates"] for each in runs)

    again = run("sweep", "run", str(file), "--json")
    assert line(again) == made
    assert "the study rates is finished; this is what it gave" in again.stderr
    table = run("sweep", "resume", "rates")
    assert f"best: trial {best['trial']} with " in table.stdout

    (listed,) = line(run("sweep", "list", "--json"))["studies"]
    assert listed == made
    assert "rates" in run("sweep", "list").stdout
    shown = line(run("sweep", "show", "latest", "--json"))
    assert sorted(each["trial"] for each in shown["all_trials"] if not each["seed"]) == [0, 1, 2, 3]
    assert len(shown["tells"]) > 5
    words = run("sweep", "show", "rates").stdout
    assert "random, pruning halving" in words
    # Three cycles of two half cycles of 7 updates.
    assert "a trial trains 42 updates, not 40: half a cycle takes" in words
    assert f"best: trial {shown['best']['trial']} with " in words
    assert " on average of 2 seeds, run rates-" in words

    out = tmp_path / "out"
    exported = run("sweep", "export", "rates", "--out", str(out))
    assert exported.exit_code == 0, exported.output
    with (out / "rates.csv").open(newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 5
    assert len(json.loads((out / "rates.json").read_text())["trials"]) == 5
    assert Study.read(out / "rates.toml") == Study.read(file)
    with (out / "rates-curves.csv").open(newline="") as opened:
        curves = list(csv.DictReader(opened))
    ends = {(row["trial"], row["seed"]): float(row["validation_accuracy"]) for row in curves}
    rows = json.loads((out / "rates.json").read_text())["trials"]
    assert ends == {
        (str(row["trial"]), str(row["seed"])): row["validation_accuracy"] for row in rows
    }


def test_an_ordinary_resume_takes_the_run_of_a_pruned_trial(file: Path) -> None:
    line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    stopped = next(each for each in store().runs() if each.state is RunState.STOPPED)
    assert stopped.reason.startswith("pruned by its study: ")
    made = line(run("resume", stopped.id, "--json"))
    assert made["test_accuracy"] is not None


def test_more_seeds_of_a_trial_are_trained_within_its_study(file: Path) -> None:
    made = line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    number = made["best"]["trial"]
    more = run("sweep", "resume", "rates", "--more-seeds", "1", "--workers", "0", "--json")
    found = line(more)
    assert f"another seed of trial {number} waits to be trained" in more.stderr
    assert (found["state"], found["trainings"]) == ("finished", made["trainings"] + 1)
    assert (found["best"]["trial"], found["best"]["seeds"]) == (number, 3)
    shown = line(run("sweep", "show", "rates", "--json"))
    cut = next(each["trial"] for each in shown["all_trials"] if each["state"] == "pruned")
    words = refused(run("sweep", "resume", "rates", "--more-seeds", "1", "--trial", str(cut)))
    assert words.startswith(f"convsole: trial {cut} of rates was not trained to its end: ")
    assert "add --more-seeds" in refused(run("sweep", "resume", "rates", "--trial", "0"))


@pytest.mark.parametrize(
    "options",
    [
        ("--scheduler", "foo"),
        ("--wall-seconds", "inf"),
        ("--tls-ca", "x"),
        ("--allow-remote-tcp",),
        ("--workers", "1", "--scheduler", "tcp://127.0.0.1:1"),
    ],
    ids=" ".join,
)
def test_a_refused_command_adds_no_seeds(file: Path, options: tuple[str, ...]) -> None:
    line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    study = store().study("rates")
    refused(run("sweep", "resume", "rates", "--more-seeds", "1", *options))
    assert store().study("rates") == study


def test_time_that_is_over_before_a_result_is_a_failure(file: Path) -> None:
    file.write_text("wall_seconds = 0.001" + SHORT)
    made = run("sweep", "run", str(file), "--workers", "0")
    assert made.exit_code == 1
    assert made.stderr.splitlines()[-1] == (
        "convsole: the study rates failed: its time of 0.001 s was over before a trial was "
        "trained to its end"
    )
    assert "Traceback" not in made.output


def test_the_last_sentence_says_that_time_ended_the_study(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elapsed(loop: Any) -> float:
        return 100.0 * (loop._account.best() is not None)

    file.write_text("wall_seconds = 90" + SHORT.replace('kind = "halving"', 'kind = "none"'))
    with monkeypatch.context() as patch:
        patch.setattr("core.sweeps.execution.loop.Loop._elapsed", elapsed)
        made = run("sweep", "run", str(file), "--workers", "0")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1].startswith(
        "its time of 1 m 30 s ended it after 1 of 5 trainings; best: trial 0 with "
    )
    again = run("sweep", "resume", "rates", "--workers", "0")
    assert "rates is finished" in again.stderr
    words = "--wall-seconds 90: rates has been at work for 200 s; give it more, or 0"
    assert words in refused(run("sweep", "resume", "rates", "--wall-seconds", "90"))
    more = run("sweep", "resume", "rates", "--wall-seconds", "0", "--workers", "0", "--json")
    assert line(more)["trainings"] == 5


def test_workers_of_a_cluster_come_to_the_same(file: Path, tmp_path: Path) -> None:
    here = line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    other = file.with_name("other")
    other.mkdir()
    environment = {**os.environ, "CONVSOLE_HOME": str(other)}
    done = subprocess.run(
        [sys.executable, "-m", "tui", "sweep", "run", str(file), "--workers", "1", "--json"],
        env=environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    there = json.loads(done.stdout)
    for each in (here, there):
        del each["seconds"]
    assert here == there


def test_interrupted_it_goes_on_with_the_same_command(file: Path, tmp_path: Path) -> None:
    file.write_text(SHORT.replace("updates = 40", "updates = 600"))
    home = tmp_path / "home"
    environment = {**os.environ, "CONVSOLE_HOME": str(home)}
    command = [sys.executable, "-m", "tui", "sweep", "run", str(file), "--workers", "0", "--json"]
    with running(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        # 600 are whole half cycles, of which nothing more is to be said.
        assert process.stderr.readline() == "a trial trains 600 updates\n"
        assert process.stderr.readline() == "study rates: 5 trainings\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert json.loads(output)["state"] == "stopped"
    kept = Store(home / "saved_models")
    assert kept.study("rates").state is StudyState.STOPPED
    assert not locked_runs(kept.root)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    whole = subprocess.run(
        command, env={**environment, "CONVSOLE_HOME": str(tmp_path / "whole")},
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    one, other = json.loads(done.stdout), json.loads(whole.stdout)
    for each in (one, other):
        del each["seconds"]
    assert one == other


def test_another_command_stops_it(file: Path, tmp_path: Path) -> None:
    file.write_text(SHORT.replace("updates = 40", "updates = 20000"))
    environment = {**os.environ, "CONVSOLE_HOME": str(tmp_path)}
    tui = [sys.executable, "-m", "tui", "sweep"]
    with running(
        [*tui, "run", str(file), "--workers", "0"],
        env=environment, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        process.stderr.readline()
        second = subprocess.run(
            [*tui, "run", str(file), "--workers", "0"],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert second.returncode == 2
        assert "another process works on the study rates" in second.stderr
        stopped = subprocess.run(
            [*tui, "stop", "rates", "--json"],
            env=environment, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert stopped.returncode == 0, stopped.stderr
        assert json.loads(stopped.stdout)["state"] == "stopped"
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "`convsole sweep resume rates` goes on" in output
    assert not locked_runs(tmp_path / "saved_models")


def test_what_does_not_run_is_not_stopped(file: Path) -> None:
    line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    made = run("sweep", "stop", "rates")
    assert made.exit_code == 0
    assert made.stderr == "the study rates is not running\n"
    assert store().study("rates").state is StudyState.FINISHED


def test_a_study_around_a_run(tmp_path: Path) -> None:
    train()
    path = tmp_path / "mine.toml"
    assert run("sweep", "new", "--from", "latest", str(path)).exit_code == 0
    assert Study.read(path).base is not None
    assert refused(run("sweep", "new", "--from", "latest", str(path))) == (
        f"convsole: {path} is there already; name another file"
    )
    printed = run("sweep", "new", "--from", "latest")
    assert Study.from_toml(printed.stdout, "mine") == Study.read(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "missing.toml"], "missing.toml"),
        (["show", "rates"], "there are no studies in"),
        (["stop", "rates"], "there are no studies in"),
        (["resume", "rates"], "there are no studies in"),
        (["new", "--from", "x"], "there are no runs in"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: list[str], words: str) -> None:
    assert words in refused(run("sweep", *arguments))


def test_workers_and_a_scheduler_exclude_each_other(file: Path) -> None:
    made = run("sweep", "run", str(file), "--workers", "2", "--scheduler", "tcp://127.0.0.1:1")
    assert "leave it or --scheduler out" in refused(made)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-ca", "ca.pem"], "needs both --tls-ca and --tls-cert"),
        (["--tls-key", "key.pem"], "add --tls-cert and --tls-ca"),
    ],
)
def test_half_of_the_certificates_is_refused(file: Path, options: list[str], words: str) -> None:
    made = run("sweep", "run", str(file), "--scheduler", "tls://127.0.0.1:1", *options)
    assert words in refused(made)


def test_a_scheduler_and_certificates_are_looked_at_before_images_are_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.source.load", None)
    made = run("sweep", "run", str(file), "--scheduler", "foo")
    assert "'foo' is no address of a scheduler" in refused(made)
    options = ("--tls-ca", str(file), "--tls-cert", str(file))
    made = run("sweep", "run", str(file), "--scheduler", "tls://127.0.0.1:1", *options)
    assert "rates.toml has no certificate in PEM format" in refused(made)


def test_a_scheduler_elsewhere_is_refused_without_encryption(file: Path) -> None:
    made = run("sweep", "run", str(file), "--scheduler", "tcp://192.0.2.1:8786")
    assert "192.0.2.1" in refused(made)
    assert store().studies() == []


def test_another_definition_of_the_name_is_refused(file: Path) -> None:
    line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    file.write_text(SHORT.replace("trials = 4", "trials = 5"))
    words = refused(run("sweep", "run", str(file)))
    assert words == (
        "convsole: there is a study rates already, which differs in trials; "
        "give this one another name"
    )


def test_an_interruption_while_workers_are_waited_for_stops_the_study_at_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def waiting(*_: Any, **__: Any) -> Iterator[None]:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(60)
        yield

    monkeypatch.setattr(follow, "open_executor", waiting)
    made = run("sweep", "run", str(file), "--workers", "2")
    assert made.exit_code == 130
    (found,) = store().studies()
    assert (found.state, found.reason) == (StudyState.STOPPED, "it was interrupted")


def test_a_study_whose_process_was_killed_has_crashed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line(run("sweep", "run", str(file), "--workers", "0", "--json"))
    store().change_study(store().studies()[0], state=StudyState.RUNNING)
    (listed,) = line(run("sweep", "list", "--json"))["studies"]
    assert listed["state"] == "crashed"
    assert line(run("sweep", "show", "rates", "--json"))["state"] == "crashed"
