"""Actions of the app on a run that is selected in the Runs pane."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.reactive import reactive

from core.config import presets
from core.data import cifar10, known
from core.errors import StoreError
from tui.job_messages import JobMessages
from tui.messages import (
    InspectRun,
    OpenRun,
    RenameRun,
    ResumeRun,
    RunMessage,
    ShowInRuns,
    TakeSettings,
)
from tui.thread_results import deliver
from tui.worker.runner import BusyError

if TYPE_CHECKING:
    from core.config.experiment import Experiment
    from core.runs.records import Run
    from core.runs.session import Session


class RunActions(JobMessages):
    """An app that opens, resumes and inspects runs, and loads their settings.

    Args:
        data: a folder or archive of CIFAR-10, or None to search the data folder.
        threads: threads for training; None uses all cores.
        bell: whether to ring the bell at the end of a long training.
    """

    # Not painted for its own sake: that would draw the former pane once more before the new one.
    pane: reactive[str] = reactive("configure", init=False, repaint=False)
    """Name of the pane on the screen."""
    experiment: reactive[Experiment] = reactive(lambda: presets.load(presets.DEFAULT), init=False)
    """The settings of the next training."""

    def __init__(self, data: Path | None, threads: int | None, bell: bool) -> None:
        super().__init__(bell)
        self.data = data
        self.threads = threads
        self.cifar10_found = cifar10.is_there(data)

    def take_settings(self, experiment: Experiment) -> None:
        """Replace the settings in Configure."""
        raise NotImplementedError

    @on(RunMessage)
    def _act_on_run(self, message: RunMessage) -> None:
        """Carry out the request, or notify why it fails."""
        run = message.run
        if isinstance(message, TakeSettings):
            self._attempt(lambda: self.take_settings(self._settings_of(run)), "configure")
        elif isinstance(message, ResumeRun):
            self._resume_run(run)
        elif isinstance(message, ShowInRuns):
            self._show_in_runs(run)
        elif isinstance(message, OpenRun):
            self._open_run(run)
        elif isinstance(message, RenameRun):
            from tui.dialogs.rename import rename

            rename(self, run, lambda name: self._rename(run, name))
        elif isinstance(message, InspectRun):
            from tui.inspect.screen import InspectScreen

            self.push_screen(InspectScreen(run, self.data))

    def _settings_of(self, run: Run) -> Experiment:
        """Return the settings of a run, with the data set `auto` where that means the same.

        A run records the data set that it was trained on. Its preset has `auto`, from which the
        settings would otherwise appear to be changed.
        """
        experiment = run.experiment()
        found = known.CIFAR10 if self.cifar10_found else known.SHAPES
        return experiment.changed(dataset=known.AUTO) if experiment.dataset == found else experiment

    def _show_in_runs(self, run: Run) -> None:
        """Show the Runs pane with the cursor on a run."""
        raise NotImplementedError

    def _resume_run(self, run: Run) -> None:
        self._attempt(lambda: self.runner.go_on(run, self.data, self.threads), "train")

    def _rename(self, run: Run, name: str) -> None:
        """Write another name, and show it where the run is shown."""
        from core.runs.session import store

        def write() -> None:
            try:
                store().describe(run, name=name)
                renamed = store().get(run.number)
            except StoreError as error:
                deliver(self, self._notify_error, str(error))
                return
            session = self.runner.session
            if session is not None and session.record is not None and session.record.id == run.id:
                session.record = renamed

        self.run_worker(write, thread=True, group="rename")

    def _open_run(self, run: Run) -> None:
        from core.runs.records import AT_WORK
        from core.runs.session import Session

        if _shown(self.runner.session, run):
            self.pane = "train"
            return

        def show(opened: Session) -> None:
            self.runner.open(opened)
            if run.state in AT_WORK:
                self.notify(f"{run.name} is trained by another program; Train follows it")

        def read() -> None:
            try:
                opened = Session.opened(run)
            except StoreError as error:
                deliver(self, self._notify_error, str(error))
            else:
                deliver(self, self._attempt, lambda: show(opened), "train")

        self.run_worker(read, thread=True, group="open", exclusive=True)

    def _attempt(self, work: Callable[[], object], pane: str) -> None:
        """Call `work` and show the pane, or notify why it fails."""
        try:
            work()
        except (BusyError, StoreError) as error:
            self._notify_error(str(error))
        else:
            self.pane = pane

    def _notify_error(self, reason: str) -> None:
        self.notify(reason, severity="warning", timeout=10)


def _shown(session: Session | None, run: Run) -> bool:
    """Return whether the Train pane shows the current state of a run."""
    if session is None or session.record is None or session.record.id != run.id:
        return False
    # A run trained in this process is up to date; one that was opened may have changed since.
    kept = session.record
    same = kept.state is run.state and kept.events == run.events
    return not session.past_events or session.watched or same
