"""`convsole sweep stop`: stops a study that another process runs."""

import time

from tui import exit_codes
from tui.cli import say
from tui.cli.options import JsonOption
from tui.cli.sweep.options import StudyArgument

PATIENCE_S = 60.0
"""Seconds to wait for the other process, which saves its trials first."""


@say.faults_in_one_sentence()
def stop(study: StudyArgument, as_json: JsonOption = False) -> None:
    """Stop a study, wherever it runs, with its trials saved."""
    from core.runs.session import store
    from core.runs.studies.records import StudyState
    from tui.cli.sweep.follow import result

    found = store().study(study)
    at_work = store().is_at_work(found)
    running = found.state in (StudyState.RUNNING, StudyState.PAUSED)
    if not (at_work or running):
        say.note(f"the study {found.name} is not running")
    else:
        store().change_study(found, state=StudyState.STOPPED, reason="it was stopped")
        end = time.monotonic() + PATIENCE_S
        while store().is_at_work(found):
            if time.monotonic() >= end:
                say.fail(
                    f"the process that works on {found.name} has not stopped within "
                    f"{PATIENCE_S:.0f} s; it does when its present step is over",
                    exit_codes.FAILED,
                )
            time.sleep(0.1)
    found = store().study(found.number)
    if as_json:
        say.json_line(result(store(), found))
    elif running:
        say.line(f"stopped; `convsole sweep resume {found.name}` goes on")
