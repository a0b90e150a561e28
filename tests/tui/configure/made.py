"""A test app with the Configure pane alone."""

from typing import ClassVar

from textual.binding import Binding
from textual.pilot import Pilot

from core.config import presets
from core.config.experiment import FIELDS, Experiment
from tests.tui.stage import Stage
from tui.configure.layer_table import LayerTable
from tui.configure.pane import ConfigurePane
from tui.messages import ExperimentChanged
from tui.widgets.field_list import FieldList
from tui.widgets.row_list import RowList

ARCH_2 = presets.load("arch-2")


class ConfigureStage(Stage):
    """An app with the pane alone, and the keys of the app."""

    TITLE = "Bench"
    HEADER = ""
    BINDINGS: ClassVar = [
        Binding("g", "note('g')", "Start"),
        Binding("1", "note('1')", show=False),
        Binding("2", "note('2')", show=False),
        Binding("question_mark", "note('?')", "Keys", key_display="?"),
        Binding("q", "note('q')", "Quit"),
    ]

    def __init__(self, experiment: Experiment = ARCH_2, dataset: str = "cifar10") -> None:
        super().__init__("configure")
        self.pane = ConfigurePane(experiment, dataset)
        self.told: list[Experiment] = []
        self.noted = ""

    def action_note(self, key: str) -> None:
        self.noted += key

    def on_experiment_changed(self, message: ExperimentChanged) -> None:
        self.told.append(message.experiment)

    @property
    def settings(self) -> FieldList:
        return self.pane.query_one("#settings", FieldList)

    @property
    def table(self) -> LayerTable:
        return self.pane.query_one(LayerTable)

    @property
    def kinds(self) -> list[str]:
        return [layer.kind for layer in self.pane.experiment.architecture]

    async def go(self, pilot: Pilot[None], name: str) -> None:
        """Move the cursor to a setting."""
        self.settings.focus()
        self.settings.cursor = [field.name for field in FIELDS].index(name)
        await pilot.pause()


def drawn(rows: RowList, width: int = 60) -> list[str]:
    return [line.plain for line in rows.lines(width)]
