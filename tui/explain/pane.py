"""The Explain pane: one image through the network, value by value, forward and back."""

from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.config.experiment import Experiment
from core.data import home
from core.data.dataset import DataError
from core.errors import ExplainError, StoreError
from core.format import first_fitting
from core.runs.folder import RunFolder
from core.runs.records import Run
from core.runs.session import store
from core.settings import SettingError
from tui import file_export
from tui.dialogs.picture import ask_for_picture
from tui.explain import source, text
from tui.explain.chain_list import ChainList
from tui.explain.keys import EXPLAIN_KEYS
from tui.explain.seen_map import SeenMap
from tui.explain.source import LAST, UNTRAINED, WEIGHTS, Network, Traced, Wanted
from tui.explain.value_map import ValueMap
from tui.explain.walk import Walk
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import ExportDone
from tui.thread_results import deliver
from tui.widgets.row_list import RowList
from tui.widgets.settings_pane import BEING_WRITTEN
from tui.worker.runner import JobRunner

NARROW, LOW = 100, 30
"""Columns below which only one picture is shown, rows below which the sum has fewer lines."""

WORKING = "the network is being run"

MISSING = (DataError, ExplainError, SettingError, StoreError)


class ExplainPane(Refusing, Container):
    """Layers, the picture of one, what a value of it sees, and the sum that it is.

    Args:
        runner: has the latest run.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = EXPLAIN_KEYS

    experiment: reactive[Experiment | None] = reactive(None, init=False)
    """What Configure shows; None if not set."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set that `auto` stands for; empty if not set."""

    def __init__(self, runner: JobRunner, data: Path | None = None) -> None:
        super().__init__()
        self._runner, self._data = runner, data
        self._weights, self._image, self._file = "", 0, None
        self._in_batch = self._exporting = self._works = False
        self._by_size = True
        self._network: tuple[object, Network] | None = None
        self._traced: Traced | None = None
        self._walk: Walk | None = None
        self._reason = ""
        self._layer = ""
        """The layer to go to in the next trace; empty for the one that is shown."""

    _file: Path | None

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        with Horizontal(id="explain-above"):
            yield ChainList(id="chain")
            yield ValueMap(id="value-map")
            yield SeenMap(id="seen")
        yield Static("", id="sum", markup=False)

    def on_mount(self) -> None:
        """Name the boxes."""
        self.query_one(ChainList).border_title = "Layers"
        self.query_one("#sum").border_title = "Sum"
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())

    def on_show(self) -> None:
        """Run the network when the pane is first seen."""
        if self._traced is None and not self._works:
            self.action_start()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.height < LOW, "low")
        self.call_after_refresh(self._show)

    # The trace

    @property
    def _run(self) -> Run | None:
        """The run whose weights can be taken: the one in Train, else the latest."""
        session = self._runner.session
        if session is not None and session.record is not None:
            return session.record
        runs = store().runs()
        return runs[0] if runs else None

    def _wanted(self) -> Wanted | None:
        if self.experiment is None:
            return None
        experiment = self.experiment
        if self.dataset:
            experiment = experiment.changed(dataset=self.dataset)
        weights = self._weights or UNTRAINED
        run = self._run if weights != UNTRAINED else None
        return Wanted(experiment, run, weights, self._image, self._file, self._in_batch)

    def action_start(self) -> None:
        """Run the network anew."""
        self._network = None
        self._retrace()

    def show_layer(self, name: str) -> None:
        """Show a layer of the run in Train, with its last weights if it has saved any.

        Args:
            name: the layer, such as `conv1`; if the network has none of that name, the walk stays
                where it is.
        """
        self._layer, run = name, self._run
        if run is not None and RunFolder(store().folder(run)).numbered():
            self._weights = LAST
        self.action_start()

    def _retrace(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            return
        self._works, self._reason = True, ""
        self._show()
        self._compute(wanted)

    @work(thread=True, exclusive=True, group="explain")
    def _compute(self, wanted: Wanted) -> None:
        key = wanted.weights, wanted.experiment, wanted.run and wanted.run.id
        try:
            known = self._network
            network = known[1] if known is not None and known[0] == key else None
            if network is None:
                network = source.network_of(wanted, self._data)
            found = source.traced(wanted, network)
        except MISSING as error:
            deliver(self.app, self._say, str(error))
        except MemoryError:
            deliver(self.app, self._say, "there is not enough memory for this network")
        else:
            deliver(self.app, self._take, key, found)

    def _say(self, reason: str) -> None:
        if not self.is_mounted:
            return
        self._works, self._reason = False, reason
        self._show()

    def _take(self, key: object, found: Traced) -> None:
        if not self.is_mounted:
            return
        self._network = key, found.network
        self._works, self._traced = False, found
        self._image = found.wanted.image
        walk = Walk.begin(found.trace, self._walk)
        self._go(walk.to(self._layer) if self._layer in found.trace.nodes else walk)
        self._layer = ""

    # Display

    @property
    def about(self) -> str:
        """Words for the image and the network; empty before the first trace."""
        traced = self._traced
        if traced is None:
            return ""
        return f"{traced.image}, {text.verdict(traced)} ─ {traced.network.words}"

    def _go(self, walk: Walk) -> None:
        self._walk = walk
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        walk, chain = self._walk, self.query_one(ChainList)
        words = self.query_one("#sum", Static)
        room = words.content_size
        if walk is None or self._traced is None:
            say = f"✗ {self._reason}" if self._reason else WORKING + "…"
            words.update(Content(say))
            self.refresh_bindings()
            return
        found = walk.explained()
        chain.trace, chain.gradients = walk.trace, walk.here.gradients
        chain.cursor = chain.names.index(walk.here.layer)
        shown = self.query_one(ValueMap)
        shown.walk = walk
        shown.border_title = Content(text.title(walk))
        shown.border_subtitle = Content(text.scale(walk))
        seen = self.query_one(SeenMap)
        seen.shown = walk, found
        seen.border_title = Content(f"in {seen.source}" if seen.source else "")
        about = self.about
        mode = ", in its batch" if walk.trace.mode.value == "training" else ""
        width = self.query_one("#sum").size.width - 4
        words.border_title = Content(
            first_fitting(width, about + mode, self._traced.image + mode, self._traced.image)
        )
        lines = [text.head(walk, found)]
        if self._reason:
            lines[0] = f"✗ {self._reason}"
        lines += text.products(walk, found, room.width, room.height - 1, self._by_size)
        words.update(Content("\n".join(lines)))
        self.refresh_bindings()

    # Events

    @on(RowList.Moved)
    def _chosen(self, message: RowList.Moved) -> None:
        chain = self.query_one(ChainList)
        if self._walk is not None and chain.names:
            name = chain.names[chain.cursor]
            if name != self._walk.here.layer:
                self._go(self._walk.to(name))

    @on(ValueMap.Moved)
    def _moved(self, message: ValueMap.Moved) -> None:
        self._reason = ""
        self._go(message.walk)

    @on(ValueMap.Stepped)
    def _stepped(self, message: ValueMap.Stepped) -> None:
        if self._walk is not None:
            there = self._walk.into() if message.into else self._walk.back()
            if there is not None:
                self._go(there)

    def watch_experiment(self) -> None:
        """Say that Configure shows another network, if it is one."""
        self.refresh_bindings()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "start":
            return WORKING if self._works else ""
        if self._traced is None or self._walk is None:
            return WORKING if self._works else fill("nothing has been run yet; {start} does it")
        if action == "export":
            return BEING_WRITTEN if self._exporting else ""
        if action == "turn" and not self._walk.here.gradients and not self._walk.has_gradient:
            return f"{self._walk.here.layer} has no gradient"
        if action == "weights" and self._run is None:
            return fill("there is no run yet; {train} shows how to make one")
        return ""

    def action_turn(self) -> None:
        """Show gradients instead of values, or values again."""
        if self._walk is not None:
            self._go(self._walk.turned())

    def action_image(self, by: int) -> None:
        """Show the next image, or the one before."""
        if self._traced is not None:
            count = len(self._traced.network.dataset.test)
            self._look_at((self._image + by) % count)

    def action_next_class(self) -> None:
        """Show the next image of another class."""
        if self._traced is not None:
            self._look_at(source.next_of_class(self._traced.network, self._image))

    def action_mistake(self) -> None:
        """Show the next image that the network gets wrong."""
        if self._traced is not None:
            self._works = True
            self.refresh_bindings()
            self._find_mistake(self._traced.network, self._image)

    @work(thread=True, exclusive=True, group="explain")
    def _find_mistake(self, network: Network, image: int) -> None:
        try:
            found = source.next_mistake(network, image)
        except StoreError as error:
            deliver(self.app, self._say, str(error))
        else:
            deliver(self.app, self._look_at, found)

    def _look_at(self, image: int) -> None:
        self._image, self._file = image, None
        self._retrace()

    def action_weights(self) -> None:
        """Take the next of the weights."""
        now = self._weights or UNTRAINED
        self._weights = WEIGHTS[(WEIGHTS.index(now) + 1) % len(WEIGHTS)]
        self._retrace()

    def action_batch(self) -> None:
        """Run the image in the next batch of the training, or alone."""
        self._in_batch = not self._in_batch
        self._retrace()

    def action_sort(self) -> None:
        """List the products by size, or in order."""
        self._by_size = not self._by_size
        self._show()

    def action_picture(self) -> None:
        """Ask for a picture file."""
        ask_for_picture(self.app, self._open)

    def _open(self, path: Path) -> None:
        self._file = path
        self._retrace()

    def action_export(self) -> None:
        """Draw the value, and notify where."""
        walk, traced = self._walk, self._traced
        if walk is None or traced is None or self._exporting:
            return
        self._exporting = True
        self.refresh_bindings()
        self._export(walk, traced)

    @work(thread=True)
    def _export(self, walk: Walk, traced: Traced) -> None:
        found, here = walk.explained(), walk.here
        place = "-".join(map(str, here.at))
        what = "gradient-" if here.gradients else ""
        folder = home.saved_models_folder() / "explained"
        file = folder / f"{what}{here.layer}-{place}.png"
        about = f"{traced.image}, {traced.network.words}"

        def draw() -> list[Path]:
            # Imported here because it imports Matplotlib.
            from core.figures import explain

            return [explain.export(walk.trace, found, here.gradients, file, about)]

        app, message = self.app, file_export.write("the figure", folder, draw)
        if not self.post_message(message):
            app.post_message(message)

    def on_export_done(self, message: ExportDone) -> None:
        """Enable the export again; the app shows where the file is."""
        self._exporting = False
        self.refresh_bindings()
