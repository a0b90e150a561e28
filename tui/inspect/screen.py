"""The screen with accuracies per class, worst mistakes and filters of a saved network."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from core import format as fmt
from core import memory
from core.data.dataset import DataError
from core.errors import StoreError
from core.format import cut
from core.predictions import filters, pictures
from core.predictions.choice import choose
from core.predictions.evaluation import Mistake, evaluate, images_of
from core.predictions.model import Model
from core.runs.records import Run
from core.runs.session import store
from core.settings import SettingError
from core.text_out import visible
from tui.dialogs.picture import ask_for_picture
from tui.exporting import Exporting
from tui.frame.key_footer import KeyFooter
from tui.inspect import confusion, export
from tui.inspect.found import Found, PredictedFile
from tui.inspect.keys import INSPECT_KEYS
from tui.inspect.picture_grid import PictureGrid
from tui.keymap.refusals import Refusing
from tui.messages import LookInside
from tui.thread_results import deliver
from tui.widgets.modal import ClosesOnce
from tui.widgets.picture_cells import Card

VIEWS = ("classes", "mistakes", "filters")
MISTAKES, MOST_FILTERS = 24, 100
LIKELIEST = 5
"""Number of classes shown for a picture of the user."""
NAME = 12
"""Smallest number of characters of the run's name in the title."""
PICTURE, FILTER = 20, 12
"""Width of a mistake and of a filter in columns."""


class InspectScreen(Refusing, Exporting, ModalScreen[None], ClosesOnce[None]):
    """Predictions of one run; Escape closes.

    Args:
        run: the run.
        data: a folder or archive of CIFAR-10, used for a run that has recorded none.
    """

    BINDINGS: ClassVar[list[BindingType]] = INSPECT_KEYS

    def __init__(self, run: Run, data: Path | None) -> None:
        super().__init__()
        self._run, self._data = run, data
        self._view = VIEWS[0]
        self._use_best = False
        self._found: Found | None = None
        self._predicted: PredictedFile | None = None
        self._reads = True

    def compose(self) -> ComposeResult:
        """Lay out one scrolling box and the keys."""
        with VerticalScroll(id="inspect") as box:
            box.border_title = Content(f"Predictions ─ {self._run.name}")
            yield Static("reading weights and images…")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start to read the network and the images."""
        self._read()

    def on_unmount(self) -> None:
        """Free images and network at once; the screen itself lives until the next cyclic GC."""
        self._found = self._predicted = None
        memory.trim()

    @work(thread=True, exclusive=True)
    def _read(self) -> None:
        run = self._run
        try:
            choice = choose(store(), run, best=self._use_best)
            model = Model(choice.checkpoint)
            dataset = images_of(run, None if run.data is not None else self._data)
            found = Found(choice, model, evaluate(model, dataset))
        except (DataError, SettingError, StoreError) as error:
            deliver(self.app, self._say, str(error))
            return
        deliver(self.app, self._take, found)

    def _take(self, found: Found) -> None:
        self._found, self._reads = found, False
        self._show()
        self.refresh_bindings()

    def _say(self, reason: str) -> None:
        self._reads = False
        self._fill(Static(Content(f"✗ {reason}")))
        self.refresh_bindings()

    def _show(self) -> None:
        found, self._predicted = self._found, None
        if found is None or not self.is_mounted:
            return
        which = "best" if self._use_best else "last"
        evaluation = found.evaluation
        box = self.query_one("#inspect")
        facts = (
            f", {which} weights: {fmt.percent(evaluation.accuracy)} "
            f"of {len(evaluation.labels):,} test images"
        )
        room = max(NAME, box.size.width - len(f"{self._view} ─ {facts}") - 4)
        box.border_title = Content(
            f"{self._view.capitalize()} ─ {cut(self._run.name, room)}{facts}"
        )
        box.border_subtitle = Content(f"after {evaluation.updates:,} updates")
        notes = (Static(Content(note)) for note in found.choice.notes)
        self._fill(*notes, self._body(found))

    def _body(self, found: Found) -> Widget:
        if self._view == "classes":
            return Static(confusion.lines(found.evaluation, self.size.width - 6))
        if self._view == "mistakes":
            classes = found.evaluation.classes
            cards = [_card(mistake, classes) for mistake in found.evaluation.mistakes(MISTAKES)]
            return PictureGrid(cards, PICTURE) if cards else Static("no mistakes")
        try:
            shown = filters.pictures(found.choice.checkpoint)[:MOST_FILTERS]
        except StoreError as error:
            return Static(Content(str(error)))
        return PictureGrid(
            [
                Card((255 * picture).round().astype("uint8"), Content(f"filter {number}"))
                for number, picture in enumerate(shown)
            ],
            FILTER,
        )

    def _fill(self, *widgets: Widget) -> None:
        if not self.is_attached:
            return  # the app has closed meanwhile
        box = self.query_one("#inspect", VerticalScroll)
        box.remove_children()
        box.mount(*widgets)
        box.scroll_home(animate=False)
        box.focus()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        needs = action in ("next_view", "best", "picture", "export")
        if needs and self._found is None:
            return "there is nothing to show yet" if self._reads else "these weights cannot be read"
        if action == "picture" and self._reads:
            # They would replace the prediction, which would be one of the weights before.
            return "these weights are still being read"
        if action == "export":
            return self.export_refusal
        return ""

    async def action_go(self, name: str) -> None:
        """Close, and bring a pane to the screen."""
        self.dismiss(None)
        await self.app.run_action(f"show('{name}')", self.app)

    def action_look_inside(self) -> None:
        """Close, and show the network in the Explain pane."""
        self.dismiss(None)
        self.app.post_message(LookInside(self._run))

    def action_next_view(self) -> None:
        """Show the next view."""
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        self._show()

    def action_best(self) -> None:
        """Switch between the best and the last weights."""
        self._use_best, self._reads = not self._use_best, True
        which = "best" if self._use_best else "last"
        # It takes seconds beside a training.
        title = f"{self._view.capitalize()} ─ reading the {which} weights of {self._run.name}…"
        self.query_one("#inspect").border_title = Content(title)
        self.refresh_bindings()
        self._read()

    def action_picture(self) -> None:
        """Ask for the path of a picture."""
        if self._found is not None:
            ask_for_picture(self.app, self._predict)

    def _predict(self, path: Path) -> None:
        if self._found is not None:
            self._predict_file(self._found, path)

    @work(thread=True, exclusive=True, group="picture")
    def _predict_file(self, found: Found, path: Path) -> None:
        """Read a picture, which may take a second, and predict its class."""
        try:
            image = pictures.read(path, found.model.shape)
        except DataError as error:
            deliver(self.app, self._refuse, str(error))
            return
        model = found.model
        probabilities = model.probabilities(image[None])[0]
        order = np.argsort(-probabilities, kind="stable")[:LIKELIEST]
        likely = [(model.classes[at], float(probabilities[at])) for at in order]
        deliver(self.app, self._show_prediction, found, PredictedFile(path.name, image, likely))

    def _refuse(self, reason: str) -> None:
        self.app.notify(reason, severity="warning", title="No picture")

    def _show_prediction(self, found: Found, predicted: PredictedFile) -> None:
        if found is not self._found:
            return  # other weights were chosen meanwhile
        self._predicted = predicted
        lines = [f"\n{100 * share:5.1f} %  {name}" for name, share in predicted.likely]
        card = Card(predicted.image, Content(visible(predicted.name)[-PICTURE:]))
        box = self.query_one("#inspect")
        box.border_title = Content(f"Picture ─ {self._run.name}")
        self._fill(PictureGrid([card], PICTURE), Static(Content("".join(lines))))

    def action_export(self) -> None:
        """Write figures and tables, including those of a shown picture, and notify where."""
        if self._found is not None:
            self.export(export.prepared(self._run, self._found, self._predicted))


def _card(mistake: Mistake, classes: Sequence[str]) -> Card:
    """Return a wrongly classified image over its predicted and its true class."""
    predicted, true = classes[mistake.predicted], classes[mistake.label]
    words = Content.assemble(
        (f"{predicted} {fmt.percent(mistake.probability)}", "bold"),
        f"\nis {true} {fmt.percent(mistake.label_probability)}",
    )
    return Card(mistake.image, words)
