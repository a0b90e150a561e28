"""What becomes of a run that somebody has chosen among all."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.experiment import Experiment
from core.runs.errors import StoreError
from core.runs.records import AT_WORK, Run, RunState
from core.runs.session import Session
from tui.bridge import BusyError
from tui.latest import deliver
from tui.messages import InspectRun, OpenRun, ResumeRun, RunMessage, TakeSettings

if TYPE_CHECKING:
    from tui.app import Convsole


def carry_out(app: "Convsole", message: RunMessage) -> None:
    """Do what is asked for, or say why it cannot be."""
    run = message.run
    if isinstance(message, TakeSettings):
        _try(app, lambda: app.take_settings(_asked_for(app, run)), "configure")
    elif isinstance(message, ResumeRun):
        _resume(app, run)
    elif isinstance(message, OpenRun):
        _open(app, run)
    elif isinstance(message, InspectRun):
        from tui.screens.inspect import InspectScreen

        app.push_screen(InspectScreen(run, app.data))


def _asked_for(app: "Convsole", run: Run) -> Experiment:
    """Return the settings of a run, the data set left open where that comes to the same.

    A run keeps which data it was trained on. Its preset says "auto", and would show as changed.
    """
    experiment = run.experiment()
    found = "cifar10" if app.cifar10_found else "synthetic"
    return experiment.changed(dataset="auto") if experiment.dataset == found else experiment


def _resume(app: "Convsole", run: Run) -> None:
    if run.state is RunState.FINISHED:
        words = f"{run.name} has come to its end; t starts a new one from its settings"
        app.notify(words, title="Finished")
    else:
        _try(app, lambda: app.bridge.go_on(run, app.data, app.threads), "train")


def _open(app: "Convsole", run: Run) -> None:
    if _shown(app.bridge.session, run):
        app.pane = "train"
        return
    if run.state in AT_WORK:
        words = f"{run.name} is trained by another program; Train follows it"
        app.notify(words)

    def read() -> None:
        try:
            opened = Session.opened(run)
        except StoreError as error:
            deliver(app, _tell, app, str(error))
        else:
            deliver(app, _try, app, lambda: app.bridge.open(opened), "train")

    app.run_worker(read, thread=True, group="open", exclusive=True)


def _shown(session: Session | None, run: Run) -> bool:
    """Tell whether Train has a run as it is now."""
    if session is None or session.kept is None or session.kept.id != run.id:
        return False
    # What is trained here is as it is; what was only looked at may have gone on elsewhere.
    kept = session.kept
    same = kept.state is run.state and kept.events == run.events
    return not session.story or session.watched or same


def _try(app: "Convsole", work: Callable[[], object], pane: str) -> None:
    """Do it and show the pane, or say why it cannot be."""
    try:
        work()
    except (BusyError, StoreError) as error:
        _tell(app, str(error))
    else:
        app.pane = pane


def _tell(app: "Convsole", reason: str) -> None:
    app.notify(reason, severity="warning", timeout=10)
