"""Tests of `convsole reproduce`: resumption, report, and errors in one sentence."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.data import home
from core.figures import drawing
from core.reproduce import run as studies
from core.reproduce.plan import jobs
from core.reproduce.run import Progress
from core.reproduce.study import Study, place
from core.runs.records import RunState
from core.runs.session import store
from tests.reproduce.made import FULL, QUICK, cifar10_of, complete, measured, record
from tests.tui.cli.commands import one_sentence
from tui.cli.app import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["reproduce", *arguments])


@pytest.fixture(autouse=True)
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace figures by empty files, to save time."""
    monkeypatch.setattr(drawing, "rendered", lambda *_: b"")


@pytest.fixture
def done(convsole_home: Path) -> None:
    """Return a finished study."""
    cifar10_of(convsole_home / "data")
    complete(store(), FULL)


@pytest.mark.usefixtures("done")
def test_a_finished_study_prints_its_verdicts_and_where_the_report_is(tmp_path: Path) -> None:
    result = run("--to", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "Complete: 24 runs, 3 seeds, on CIFAR-10." in result.stdout
    assert result.stdout.count("✓ held") == 4
    assert "54.27 ± 0.47" in result.stdout
    assert str(tmp_path / "out" / "report.html") in result.stdout
    assert (tmp_path / "out" / "report.html").exists()
    assert len(store().runs()) == 24
    one = run("--seeds", "1")
    assert "Complete: 8 runs, 1 seed" in one.stdout
    assert (place("full") / "report" / "report.md").exists()


@pytest.mark.usefixtures("done")
def test_json_is_one_line_with_the_stated_fields() -> None:
    result = run("--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    line = json.loads(result.stdout)
    assert (line["study"], line["seeds"], line["finished"]) == ("full", [0, 1, 2], True)
    row = line["accuracies"][2]
    assert (row["network"], row["part"], row["published"]) == ("arch-1", "test", 50.49)
    assert row["difference"] == pytest.approx(row["mean"] - 50.49)
    assert len(row["values"]) == 3
    assert row["agrees"] is True
    assert [claim["verdict"] for claim in line["claims"]] == ["held"] * 4
    assert len(line["times"]["architectures"]) == 7
    assert line["runs"]["final/2"] == "final-3"
    assert Path(line["report"]).exists()


def test_what_is_stopped_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    measured(Study.of("quick"), QUICK)

    def stop(self: studies.Reproduction, *_: object) -> None:
        self.control.stop()
        self.listen(Progress("", "", 0, 0, 0))
        import signal

        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(studies.Reproduction, "_train", stop)
    result = run("--quick")
    assert result.exit_code == 130
    assert "stopped with 0 of 8 runs done; the same command goes on" in result.stderr
    assert "built-in shapes" in result.stderr
    assert result.stdout == ""


def test_a_run_that_failed_is_told_after_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    study = complete(store(), QUICK, "synthetic")
    record(jobs(QUICK, "synthetic")[1], store(), study, RunState.FAILED)
    monkeypatch.setattr(studies.Reproduction, "_train", lambda *_: None)
    result = run("--quick")
    assert result.exit_code == 1
    assert "quick-arch-2-2 failed: the loss is no longer finite" in one_sentence(result)
    assert "Unfinished" not in result.stdout
    assert "The report is" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("published numbers are of CIFAR-10", "convsole data fetch")),
        (("--seeds", "0"), ("seeds", "1 to 20")),
        (("--quick", "--seeds", "3"), ("one seed",)),
        (("--quick", "--data", "no/such/place"), ("no/such/place",)),
        (("--quick", "--to", "/dev/null/x"), ("cannot write to /dev/null/x",)),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    for word in words:
        assert word in one_sentence(result)
    assert not (home.saved_models_folder() / "runs.sqlite3").exists()
