"""`convsole reproduce`: reproduces the published results, with a progress bar on stderr."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from core import format as fmt
from tui import exit_codes
from tui.cli import say
from tui.cli.options import DataOption, JsonOption, ThreadsOption, path
from tui.cli.table import output

if TYPE_CHECKING:
    from core.reproduce.claims import Judged
    from core.reproduce.plan import StudySettings
    from core.reproduce.results import Findings
    from core.reproduce.run import Progress
    from core.runs.store import Store


@say.faults_in_one_sentence()
def reproduce(
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", metavar="N", help="Seeds for every network; 3 by default."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Look at every part within two minutes; judge nothing.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", parser=path, metavar="DIR", help="Where the report goes; else beside the runs."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Begin anew; earlier runs are kept, but do not count.")
    ] = False,
    data: DataOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the published results again, and report how they compare.

    What was done before is not done again: it goes on from where it was left.
    """
    from core.data import known
    from core.reproduce import pages, tables
    from core.reproduce.claims import judge
    from core.reproduce.plan import dataset_of
    from core.reproduce.run import Reproduction
    from core.reproduce.study import place
    from tui.cli import files, inputs
    from tui.cli.progress_bar import Bar

    settings = _settings(seeds, quick)
    say.refuse_few_threads()
    if dataset_of(settings, data) == known.SHAPES:
        say.note("there is no CIFAR-10: this quick look takes the built-in shapes")
    folder = to or place(settings.length) / "report"
    inputs.usable(folder)
    work = Reproduction(settings, data, threads, force)
    with inputs.signals(work.control) as stopped, Bar() as bar:

        def show(at: "Progress") -> None:
            words = f"{fmt.duration(at.to_go)} to go, {at.doing}"
            bar.redraw(at.doing, completed=at.share, description=words)

        work.listen = show
        findings = work.run()
    if stopped and not findings.finished:
        done = sum(findings.result(job) is not None for job in findings.jobs)
        say.note(f"stopped with {done} of {len(findings.jobs)} runs done; the same command goes on")
        raise SystemExit(exit_codes.INTERRUPTED)
    judged, page = judge(findings), folder / pages.PAGE
    if as_json:
        say.json_line({**tables.as_dict(findings, judged), "report": str(page)})
    else:
        _print(findings, judged, page)
    files.write(
        folder, lambda: pages.write(findings, folder), lambda: _drawn(findings, work.store, folder)
    )
    if findings.failed:
        job = findings.failed[0]
        say.fail(
            f"{findings.runs[job.key].id} failed: {findings.reasons[job.key]}", exit_codes.FAILED
        )


def _settings(seeds: int | None, quick: bool) -> "StudySettings":
    from core.reproduce.plan import StudySettings
    from core.settings import SettingError
    from tui.cli import inputs

    if quick and seeds not in (None, 1):
        raise SettingError("--seeds", "a quick look has one seed; leave --seeds or --quick out")
    chosen = StudySettings(length="quick" if quick else "full")
    with inputs.by_option():
        return chosen if seeds is None else chosen.changed(seeds=seeds)


def _drawn(findings: "Findings", store: "Store", folder: Path) -> list[Path]:
    from core.figures import reproduce as drawing

    return drawing.export(findings, store, folder)


def _print(findings: "Findings", judged: "Sequence[Judged]", page: Path) -> None:
    from core.reproduce import report, tables

    summary = f"{report.standing(findings)} {report.agreement(findings)}".rstrip()
    say.line(summary)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column, heading in enumerate(tables.ACCURACY_HEADINGS):
        table.add_column(heading, justify="right" if column > 1 else "left", no_wrap=True)
    for row in tables.accuracies(findings):
        table.add_row(*map(say.cell, row), end_section=row[1] == "test")
    output(table)
    for one in judged:
        words = f"{report.SIGNS[one.verdict]} {one.verdict.value}: {one.claim.title}"
        say.line(words, "bold")
        say.line(f"  {one.evidence}")
    say.line(f"The report is {page}")
