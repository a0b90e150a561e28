"""Actions of the app that open another screen: tools, help, the guide, and the question to quit."""

from textual import on

from core.config.experiment import Experiment
from tui import exit_codes
from tui.frame.palette import Palette
from tui.keymap import keys
from tui.messages import CheckStart, FindRates
from tui.run_actions import RunActions
from tui.shutdown import WORK
from tui.worker.messages import JobState


class DialogActions(RunActions):
    """An app that opens screens over its panes; each is imported when it is first opened."""

    def action_command_palette(self) -> None:
        """Open the command palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_help(self) -> None:
        """Show the keys of the focused widget."""
        from tui.dialogs.help import HelpScreen

        lines = self.screen._compositor.render_strips()
        text = "\n".join(strip.text for strip in lines)
        self.push_screen(HelpScreen(self.screen.active_bindings.values(), text))

    def action_guide(self, place: str = "") -> None:
        """Open the guide.

        Args:
            place: a chapter, and after # a place in it; empty for the one that belongs to what is
                on the screen.
        """
        from tui.guide.screen import GuideScreen, belonging

        if isinstance(self.screen, GuideScreen):
            return
        self.push_screen(GuideScreen(place or belonging(self.screen, self.pane)))

    def action_help_quit(self) -> None:
        """Say which keys quit; Ctrl+C does not, because it copies text in an input field."""
        words = "{quit} leaves the app; {quit_anywhere} leaves it anywhere"
        self.notify(keys.fill(words), title="Quit?")

    @on(FindRates)
    def _find_rates(self) -> None:
        """Open the learning-rate range test, and pass its suggestion to Configure if accepted."""
        if self.screen is not self._main:  # the key was pressed twice
            return
        from tui.lr_finder.screen import RangeScreen

        def take(experiment: Experiment | None) -> None:
            if experiment is not None:
                self.take_settings(experiment)

        screen = RangeScreen(self.runner, self.experiment, self.data, self.threads)
        self.push_screen(screen, take)

    @on(CheckStart)
    def _check_start(self) -> None:
        """Open the check before a training of what Configure shows."""
        if self.screen is not self._main:  # the key was pressed twice
            return
        from tui.start_check.screen import StartCheckScreen

        self.push_screen(StartCheckScreen(self.runner, self.experiment, self.data))

    # Leaving

    async def action_quit(self) -> None:
        """Quit; ask first if a running job would be lost."""
        if self.runner.state in (JobState.IDLE, JobState.LOADING):
            self._leave_when_idle()
            return
        from tui.dialogs.quit import QuitScreen

        self.push_screen(QuitScreen(self.runner), self._answer_quit)

    def _answer_quit(self, leave: bool | None) -> None:
        if leave:
            self._leave_when_idle()

    def on_end_now(self) -> None:
        """Exit at once; the sender of the message has already ended the job."""
        self.exit(return_code=exit_codes.INTERRUPTED)

    def _leave_when_idle(self) -> None:
        self._leaving = True
        self.runner.stop()
        if self.runner.busy:
            self.set_timer(WORK, self._leave_unless_saving)
        else:
            self.exit()

    def _leave_unless_saving(self) -> None:
        """Exit without waiting for a job that saves nothing: it may take long to stop."""
        if not self.runner.saving:
            self.exit()
