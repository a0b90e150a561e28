"""The Configure pane: the settings of the next training."""

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.reactive import reactive

from core import plan_text
from core.config import presets
from core.config.experiment import FIELDS, Experiment, SettingError, Value
from core.data import known
from tui.configure import layer_edits
from tui.configure.draft import Draft, in_words
from tui.configure.keys import CONFIGURE_KEYS
from tui.configure.layer_actions import LayerActions, LayerList
from tui.configure.layer_table import LayerTable, Request
from tui.configure.preset_list import PresetList
from tui.configure.rate_curve import RateCurve
from tui.configure.start_line import StartLine
from tui.configure.unused_settings import unused
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import CheckStart, ExperimentChanged, FindRates
from tui.widgets.cursor_keys import HOW
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.row_list import RowList
from tui.worker.messages import JobState

NARROW = 100
"""Columns below which the boxes on the left shrink in favour of the layer table."""
SLIM = 70
"""Columns below which the curve is hidden."""


class ConfigurePane(Refusing, Container):
    """Presets, settings, layers and the learning rate of one experiment.

    Args:
        experiment: the initial experiment.
        dataset: the data set that `auto` stands for.
    """

    BINDINGS: ClassVar[list[BindingType]] = CONFIGURE_KEYS

    experiment: reactive[Experiment] = reactive(lambda: presets.load(presets.DEFAULT), init=False)
    """The current experiment."""

    dataset: reactive[str] = reactive(known.CIFAR10, init=False)
    """The data set that `auto` stands for."""

    def __init__(self, experiment: Experiment, dataset: str = known.CIFAR10) -> None:
        super().__init__()
        self.set_reactive(ConfigurePane.experiment, experiment)
        self.set_reactive(ConfigurePane.dataset, dataset)
        self._draft = Draft(experiment, dataset)
        self._ready = False

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        yield StartLine()
        with Horizontal(id="above"):
            yield PresetList(self._draft.entries, self.experiment.name, self._choose, id="presets")
            yield LayerTable(self._kind, self._change_layers, id="layers")
        with Horizontal(id="below"):
            values = values_of(self.experiment)
            settings = FieldList(
                FIELDS, values, self._check, self._set, self._refuse, id="settings"
            )
            settings.border_title = "Settings"
            yield settings
            yield RateCurve(id="rate")
        yield Explanation(id="explanation")

    def on_mount(self) -> None:
        """Show the initial experiment."""
        self._ready = True
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.width < SLIM, "slim")

    def watch_experiment(self, experiment: Experiment) -> None:
        """Show the experiment; one from elsewhere can be undone as well."""
        self._draft.take(experiment)
        self._show()

    def watch_dataset(self, dataset: str) -> None:
        """Update epochs and memory for the data set."""
        self._draft.dataset = dataset
        self._show()

    def job_state(self, state: JobState) -> None:
        """Show the state of the job in the start line."""
        self.query_one(StartLine).state = state

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action in ("find_rates", "check") and self._ready:
            return self.query_one(StartLine).state.refusal
        return self._draft.refusal(action)

    # Display

    def _show(self) -> None:
        if not self._ready:
            return
        draft, experiment = self._draft, self.experiment
        plan, reason = None, ""
        try:
            plan = draft.plan()
        except SettingError as error:
            reason = error.reason
        changed = experiment != draft.base
        line = self.query_one(StartLine)
        line.what = experiment.name + (" (changed)" if changed else "")
        line.data = plan_text.data(experiment, draft.resolved(experiment))
        choice = self.query_one(PresetList)
        choice.enter(experiment.name, *in_words(draft.base))
        choice.current, choice.changed = experiment.name, changed
        fields = self.query_one("#settings", FieldList)
        fields.base, fields.unused = values_of(draft.base), unused(experiment)
        fields.values = values_of(experiment)
        titles = plan_text.totals(plan) if plan else ["Architecture ─ ✗ impossible"]
        self.query_one(LayerTable).show(plan.rows if plan else (), titles)
        self.query_one(RateCurve).plan = plan
        if reason:
            self._refuse(reason)
        elif isinstance(self.screen.focused, RowList):
            self._explain(self.screen.focused)

    def _kind(self, index: int) -> str:
        return self.experiment.architecture[index].words

    def _explain(self, rows: RowList) -> None:
        self.query_one("#explanation", Explanation).explain(rows.explanation())

    def _refuse(self, reason: str) -> None:
        self.query_one("#explanation", Explanation).refuse(reason)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the keys do on the curve; a list explains its rows itself."""
        if isinstance(event.widget, RateCurve):
            self.query_one("#explanation", Explanation).explain(f"Learning rate: {fill(HOW)}")

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        if message.rows.has_focus:
            self._explain(message.rows)

    # Actions

    def action_undo(self) -> None:
        """Undo the last change."""
        self._draft.undo()
        self._announce()

    def action_redo(self) -> None:
        """Redo the last undone change."""
        self._draft.redo()
        self._announce()

    def action_find_rates(self) -> None:
        """Request a learning-rate range test."""
        self.post_message(FindRates())

    def action_check(self) -> None:
        """Request the check before a training."""
        self.post_message(CheckStart())

    def _announce(self) -> None:
        if self.experiment != self._draft.present:
            self.experiment = self._draft.present
            self.post_message(ExperimentChanged(self.experiment))
            self.refresh_bindings()

    def _do(self, change: Callable[[], None]) -> bool:
        """Make a change, or show why it is refused; return whether it was made."""
        try:
            change()
        except SettingError as error:
            self._refuse(error.reason)
            return False
        self._announce()
        return True

    def _check(self, name: str, value: Value) -> str | None:
        return self._draft.reason(**{name: value})

    def _choose(self, name: str) -> None:
        self._do(lambda: self._draft.choose(name))

    def _set(self, values: dict[str, Value], stepped: bool) -> None:
        tag = " ".join(values) if stepped else ""
        self._do(lambda: self._draft.change(tag, **values))

    def _put_layers(self, layers: layer_edits.Layers, tag: str = "") -> bool:
        return self._do(lambda: self._draft.change(tag, architecture=layers))

    def _change_layers(self, request: Request, index: int) -> None:
        if request == "reset":
            if self.experiment.architecture == self._draft.base.architecture:
                self._refuse("these are the preset's layers already")
            else:
                self._put_layers(self._draft.base.architecture)
            return
        data = self.experiment.data
        edited = LayerList(
            layers=lambda: self.experiment.architecture,
            judge=lambda layers: self._draft.reason(architecture=layers),
            put=self._put_layers,
            refuse=self._refuse,
            seal=self._draft.seal,
            shape=data.shape,
            classes=len(data.classes),
        )
        LayerActions(self.query_one(LayerTable), edited).do(request, index)


def values_of(experiment: Experiment) -> dict[str, Value]:
    """Return the value of every setting."""
    return {setting.name: getattr(experiment, setting.name) for setting in FIELDS}
