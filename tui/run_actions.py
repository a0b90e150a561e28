"""What the app does with a run that was chosen in the Runs pane."""

from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.reactive import reactive

from core.config.experiment import Experiment
from core.data import cifar10
from core.errors import StoreError
from core.runs.records import AT_WORK, Run, RunState
from core.runs.session import Session
from tui.job_messages import JobMessages
from tui.latest import deliver
from tui.messages import InspectRun, OpenRun, ResumeRun, RunMessage, TakeSettings
from tui.worker.runner import BusyError


class RunActions(JobMessages):
    """An app in which a run can be opened, resumed, inspected, and its settings taken.

    Args:
        data: a folder or archive of CIFAR-10, or None to look in the data folder.
        threads: for training; None takes the cores there are.
        bell: whether the end of a long training rings.
    """

    pane: reactive[str] = reactive("configure", init=False)
    """The pane that is on the screen."""

    def __init__(self, data: Path | None, threads: int | None, bell: bool) -> None:
        super().__init__(bell)
        self.data = data
        self.threads = threads
        self.cifar10_found = cifar10.is_there(data)

    def take_settings(self, experiment: Experiment) -> None:
        """Show settings from elsewhere in Configure."""
        raise NotImplementedError

    @on(RunMessage)
    def _act_on_run(self, message: RunMessage) -> None:
        """Do what is asked for, or say why it cannot be."""
        run = message.run
        if isinstance(message, TakeSettings):
            self._attempt(lambda: self.take_settings(self._settings_of(run)), "configure")
        elif isinstance(message, ResumeRun):
            self._resume_run(run)
        elif isinstance(message, OpenRun):
            self._open_run(run)
        elif isinstance(message, InspectRun):
            from tui.inspect.screen import InspectScreen

            self.push_screen(InspectScreen(run, self.data))

    def _settings_of(self, run: Run) -> Experiment:
        """Return the settings of a run, the data set left open where that comes to the same.

        A run keeps which data it was trained on. Its preset says "auto", and would show as changed.
        """
        experiment = run.experiment()
        found = "cifar10" if self.cifar10_found else "synthetic"
        return experiment.changed(dataset="auto") if experiment.dataset == found else experiment

    def _resume_run(self, run: Run) -> None:
        if run.state is RunState.FINISHED:
            words = f"{run.name} has come to its end; t starts a new one from its settings"
            self.notify(words, title="Finished")
        else:
            self._attempt(lambda: self.runner.go_on(run, self.data, self.threads), "train")

    def _open_run(self, run: Run) -> None:
        if _shown(self.runner.session, run):
            self.pane = "train"
            return
        if run.state in AT_WORK:
            words = f"{run.name} is trained by another program; Train follows it"
            self.notify(words)

        def read() -> None:
            try:
                opened = Session.opened(run)
            except StoreError as error:
                deliver(self, self._notify_error, str(error))
            else:
                deliver(self, self._attempt, lambda: self.runner.open(opened), "train")

        self.run_worker(read, thread=True, group="open", exclusive=True)

    def _attempt(self, work: Callable[[], object], pane: str) -> None:
        """Do it and show the pane, or say why it cannot be."""
        try:
            work()
        except (BusyError, StoreError) as error:
            self._notify_error(str(error))
        else:
            self.pane = pane

    def _notify_error(self, reason: str) -> None:
        self.notify(reason, severity="warning", timeout=10)


def _shown(session: Session | None, run: Run) -> bool:
    """Tell whether Train has a run as it is now."""
    if session is None or session.record is None or session.record.id != run.id:
        return False
    # What is trained here is as it is; what was only looked at may have gone on elsewhere.
    kept = session.record
    same = kept.state is run.state and kept.events == run.events
    return not session.past_events or session.watched or same
