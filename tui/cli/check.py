"""`convsole check`: tells before a training whether the network can learn; the exit code too."""

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from tui import exit_codes
from tui.cli import say
from tui.cli.options import (
    ChangesOption,
    ConfigArgument,
    DataOption,
    JsonOption,
    PresetOption,
)
from tui.cli.table import output

if TYPE_CHECKING:
    from core.checks.start_report import Finding, StartReport

STYLES = {"passed": "green", "doubtful": "yellow", "failed": "bold red"}
"""Style of each verdict."""


@say.faults_in_one_sentence()
def check(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell in seconds whether the network can learn from the images.

    Input scale, first loss, first outputs, 20 images by heart, and no images.
    """
    from core.checks import start
    from core.checks.report import Progress
    from core.training.control import Control
    from tui.cli import inputs
    from tui.cli.progress_bar import Bar

    experiment = inputs.experiment(config, preset, changes or [])
    inputs.print_stand_in(experiment, data)
    control = Control()
    with inputs.signals(control) as stopped, Bar() as bar:

        def on_event(event: "Progress | Finding") -> None:
            if isinstance(event, Progress):
                bar.show(event.done, event.total, event.doing)

        report = start.run(experiment, data, listen=on_event, cancelled=lambda: control.stopping)
    if as_json:
        say.json_line(report.as_dict())
    else:
        _print(report)
    if stopped:
        raise SystemExit(exit_codes.INTERRUPTED)
    if not report.passed:
        raise SystemExit(exit_codes.FAILED)


def _print(report: "StartReport") -> None:
    table = Table(
        title=say.cell(f"{report.title} on {report.dataset}, before its first update", "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for name in ("check", "verdict", "measured", "passes"):
        table.add_column(name, no_wrap=name in ("check", "verdict"))
    for finding in report.findings:
        verdict = finding.verdict.value
        table.add_row(
            say.cell(finding.title),
            say.cell(verdict, STYLES[verdict]),
            say.cell(finding.measured),
            say.cell(finding.threshold),
        )
    output(table)
    ended = "" if report.complete else "stopped; "
    say.line(f"{ended}{report.outcome()} in {report.seconds:.1f} s")
    for finding in report.findings:
        if finding.verdict.value != "passed":
            output(say.cell(f"{finding.title}: {finding.why} ({finding.source})", "dim"))
