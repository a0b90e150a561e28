"""The application: its panes, keys and themes, and the messages between them."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.events import Key
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget

from core.config.experiment import Experiment
from core.data import cifar10, known
from core.text_out import visible
from tui.dialog_actions import DialogActions
from tui.frame.header import PaneHeader
from tui.frame.key_footer import KeyFooter
from tui.frame.main_screen import MainScreen
from tui.frame.palette import commands
from tui.frame.too_small import TooSmall
from tui.keymap import keys, refusals
from tui.keymap.app_keys import APP_KEYS, PANE_KEYS, TRAINING_KEYS
from tui.keymap.press import press
from tui.keymap.verbs import VERBS
from tui.messages import ExperimentChanged, ExplainLayer, LookInside
from tui.panes import Panes
from tui.terminal.sanitise import HARMLESS
from tui.worker import warm_up
from tui.worker.messages import FetchEnded, JobState
from tui.worker.runner import BusyError

if TYPE_CHECKING:
    from core.runs.records import Run

PANES = {
    "configure": "Configure",
    "train": "Train",
    "gradients": "Gradients",
    "benchmark": "Benchmark",
    "runs": "Runs",
    "reproduce": "Reproduce",
    "explain": "Explain",
    "data": "Data",
    "sweeps": "Sweeps",
}
"""Panes in the order of their number keys; each is imported when it is first shown."""

HERE = Path(__file__).parent


class Convsole(DialogActions):
    """The Textual application.

    Args:
        data: a folder or archive of CIFAR-10, or None to search the data folder.
        threads: threads for training; None uses all cores.
        bell: whether to ring the bell at the end of a long training.
        experiment: the initial settings in Configure.
    """

    TITLE = "Convsole"
    # Absolute paths: Textual resolves relative ones against the module of a subclass.
    CSS_PATH: ClassVar = [
        HERE / "convsole.tcss",
        *(HERE / name / "pane.tcss" for name in PANES),
    ]
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*PANE_KEYS, *TRAINING_KEYS, *APP_KEYS]

    def __init__(
        self,
        data: Path | None = None,
        threads: int | None = None,
        bell: bool = True,
        experiment: Experiment | None = None,
    ) -> None:
        super().__init__(data, threads, bell)
        if experiment is not None:
            self.set_reactive(Convsole.experiment, experiment)

    # Display

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notification without markup, since a run's name may contain brackets."""
        # Line by line, because the caller has already wrapped the text.
        message = "\n".join(map(visible, message.split("\n")))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that every line passes before it is written to the terminal."""
        return [*super().get_line_filters(), HARMLESS]

    def get_default_screen(self) -> Screen[object]:
        """Return the screen of the panes."""
        return MainScreen(id="_default")

    def compose(self) -> ComposeResult:
        """Lay out the header, the container of the panes, and the footer."""
        yield PaneHeader(PANES, self.runner)
        first = self.pane, self.experiment, self.dataset()
        yield Panes(self.runner, self.data, self.threads, first=first)
        yield TooSmall()
        yield KeyFooter()

    async def on_mount(self) -> None:
        """Show the first pane and, if CIFAR-10 is missing, offer to download it."""
        self.set_keymap(keys.changed())
        await self._show(self.pane)
        self.call_after_refresh(warm_up.start)
        if not self.cifar10_found and self.experiment.dataset == known.AUTO:
            from tui.dialogs.fetch_offer import FetchOffer

            self.push_screen(FetchOffer(self.data), self._answer_offer)

    def dataset(self) -> str:
        """Return the data set that the next training will use."""
        if self.experiment.dataset != known.AUTO:
            return self.experiment.dataset
        return known.CIFAR10 if self.cifar10_found else known.SHAPES

    def _show_dataset(self) -> None:
        self._panes.take_dataset(self.dataset())

    async def _show(self, name: str) -> None:
        self.runner.hold.begin()
        self.call_after_refresh(self.runner.hold.end)
        with self.batch_update():
            pane = await self._panes.show(name, self.experiment, self.dataset())
            self._main.query_one(PaneHeader).current = name
            focused = self._main.focused
            if focused is None or pane not in focused.ancestors_with_self:
                target = next(
                    (w for w in pane.walk_children(Widget, with_self=True) if w.focusable), None
                )
                self._main.set_focus(target)
            # With the pane and not with the next idle moment, which a training can put off.
            self._main.query_one(KeyFooter).look()
            # Otherwise the layout follows some frames later.
            self._main.refresh(repaint=False, layout=True)

    async def watch_pane(self, name: str) -> None:
        """Bring a pane to the screen."""
        await self._show(name)

    # Actions

    def action_show(self, name: str) -> None:
        """Bring a pane to the screen."""
        self.pane = name

    def action_start(self) -> None:
        """Start a training of what Configure shows, and watch it."""
        try:
            self.runner.train(self.experiment, self.data, self.threads)
        except BusyError as error:
            self.notify(str(error), severity="warning", title="Busy")
            return
        self.pane = "train"

    def action_pause(self) -> None:
        """Pause the training."""
        self.runner.pause()

    def action_go_on(self) -> None:
        """Let a paused training go on."""
        self.runner.resume()

    def action_stop(self) -> None:
        """Stop the job."""
        self.runner.stop()

    def action_press(self, key: str) -> None:
        """Press a key, for the keys in texts that can be clicked."""
        press(self, key)

    def action_read_again(self) -> None:
        """Read what the pane shows again, and draw everything anew."""
        self._panes.read_again(self.pane)
        self.refresh(layout=True)

    def action_switch_theme(self) -> None:
        """Switch between the dark and the light theme."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now; the footer shows only those that are."""
        state = self.runner.state
        if action == "start":
            return self.runner.refusal
        if action == "go_on":
            return "" if state in (JobState.PAUSED, JobState.SWEEP_PAUSED) else None
        if action == "pause":
            if state in (JobState.PAUSED, JobState.SWEEP_PAUSED):
                return None
            waits = state in (JobState.RUNNING, JobState.SWEEPING)
            return "" if waits else "no training runs that could wait"
        if action == "stop" and state in (JobState.IDLE, JobState.STOPPING):
            return "nothing runs" if state is JobState.IDLE else self.runner.refusal
        return ""

    @property
    def _has_help(self) -> bool:
        """Whether the help key works where the focus is."""
        return any(key in self.screen.active_bindings for key in keys.keys_of("help"))

    def on_key(self, event: Key) -> None:
        """Say why a key does nothing, if that is so."""
        # A dialog without a footer uses that of the pane below it.
        shown = (*self.screen.children, *self._main.children)
        footer = next((each for each in shown if isinstance(each, KeyFooter)), None)
        if footer is None:
            return
        active = self.screen.active_bindings.get(event.key)
        reason = ""
        if active is None:
            verb = next((verb for verb in VERBS if event.key in keys.keys_of(verb)), None)
            if verb is not None:
                room = footer.size.width - 3
                reason = refusals.meaningless(verb, event.key, room, self._has_help)
        elif not active.enabled:
            reason = refusals.reason(active)
            # Nor may the key do what it means further outwards.
            event.prevent_default()
        footer.refused = reason

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the entries of the command palette."""
        from tui.chapters.catalogue import CHAPTERS

        yield from commands(self, screen)
        if self.pane != "gradients":  # that pane has a key for it
            yield SystemCommand(
                "Check gradients",
                "Compare every gradient of what Configure shows with a reference",
                self.check_gradients,
            )
        for chapter in CHAPTERS:
            yield SystemCommand(
                f"Guide: {chapter.title}",
                "A chapter of the guide",
                partial(self.action_guide, chapter.name),
            )
        yield SystemCommand("Fetch CIFAR-10", "Download it into the data folder", self.fetch)
        yield SystemCommand("Theme", "Choose among all colour themes", self.action_change_theme)

    async def check_gradients(self) -> None:
        """Show the Gradients pane, and check the gradients of the network in Configure."""
        self.pane = "gradients"
        await self._show(self.pane)
        for pane in self._panes.gradients:
            pane.action_start()

    @on(LookInside)
    async def _look_inside(self, message: LookInside) -> None:
        """Show the network of a run in the Explain pane."""
        self.pane = "explain"
        await self._show(self.pane)
        for pane in self._panes.explain:
            pane.look_inside(message.run)

    def _show_in_runs(self, run: "Run") -> None:
        """Show the Runs pane with the cursor on a run."""
        self.pane = "runs"
        self.call_later(self._point_at_run, run)

    async def _point_at_run(self, run: "Run") -> None:
        await self._show(self.pane)
        for pane in self._panes.runs:
            pane.point_at(run)

    @on(ExplainLayer)
    async def _explain_layer(self, message: ExplainLayer) -> None:
        """Show a layer of the run in Train in the Explain pane."""
        self.pane = "explain"
        await self._show(self.pane)
        for pane in self._panes.explain:
            pane.show_layer(message.layer)

    def take_settings(self, experiment: Experiment) -> None:
        """Replace the settings in Configure, where the change can be undone."""
        for configure in self._panes.configure:
            configure.experiment = experiment
        self.on_experiment_changed(ExperimentChanged(experiment))

    def fetch(self) -> None:
        """Start the download of CIFAR-10."""
        try:
            self.runner.fetch()
        except BusyError as error:
            self.notify(str(error), severity="warning", title="Busy")

    def _answer_offer(self, answer: str | None) -> None:
        if answer == "fetch":
            self.fetch()
        elif answer == "start":
            self.action_start()

    # Messages from panes and from the worker

    def on_experiment_changed(self, message: ExperimentChanged) -> None:
        """Adopt the settings that the user has changed."""
        self.experiment = message.experiment
        self._panes.take_experiment(message.experiment)
        self._show_dataset()

    def on_fetch_ended(self, message: FetchEnded) -> None:
        """Report the result of the download, and use the data set from now on."""
        self.cifar10_found = cifar10.is_there(self.data)
        if message.reason is None:
            self.notify("CIFAR-10 is here; the next training uses it", title="Fetched")
        else:
            title = "Not fetched"
            self.notify(message.reason, severity="error", title=title, timeout=15)
        self._show_dataset()
