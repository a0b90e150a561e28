"""The form that makes a study around the settings in Configure."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Static

from core import files
from core import format as fmt
from core.config.experiment import Experiment
from core.data import home
from core.format import cut, first_fitting
from core.settings import SettingError
from core.sweeps.analysis.dimensions import shown
from core.text_out import as_file_name
from tui import file_export
from tui.dialogs.prompt import LineScreen
from tui.exporting import Exporting
from tui.frame.key_footer import KeyFooter
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.messages import ExportDone
from tui.sweeps.draft import CHOICES, StudyDraft
from tui.sweeps.fields import Field
from tui.sweeps.keys import FORM_KEYS
from tui.sweeps.names import listed
from tui.widgets.explanation import Explanation
from tui.widgets.field_row import heading
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import CURSOR, DIM, RowList
from tui.worker.sweeping import SweepOrder

LABEL, KIND = 18, 12
"""Widths of the columns."""

SHORT = "As it was left; {reset_all} starts anew"
"""Title of the form where there is no room for a longer one."""

BOUNDS = (
    "Two bounds, or the values of a choice: 0.001, 0.1; "
    "with a condition: 0.5, 0.99 when optimiser=sgd"
)
"""What can be typed for a setting that varies."""


class FormRows(RowList):
    """A row for each field of the study, and for each setting that can vary."""

    only_varying: reactive[bool] = reactive(False, init=False)
    """Whether settings that do not vary are left out."""

    hints = (
        "{mark} lets it vary · {open} types · {left} {right} other · {start} starts",
        "{mark} varies · {open} types · {start} starts",
        "{mark} varies",
    )

    def __init__(self, draft: StudyDraft) -> None:
        super().__init__()
        self.draft = draft

    @property
    def rows(self) -> list[Field]:
        """The rows that are shown."""
        if not self.only_varying:
            return list(self.draft.fields)
        varied = self.draft.state.varied
        return [row for row in self.draft.fields if not row.varies or row.name in varied]

    @property
    def current(self) -> Field:
        """The row under the cursor."""
        return self.rows[min(self.cursor, self.count() - 1)]

    def watch_only_varying(self) -> None:
        """Draw the other rows."""
        self.set_reactive(FormRows.cursor, self.validate_cursor(self.cursor))
        self.draw()

    def count(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def line_of(self, item: int) -> int:
        """Return the line of a row; every group up to it has a heading."""
        return item + len({row.group for row in self.rows[: item + 1]})

    def lines(self, width: int) -> list[Content]:
        """Return headings and rows."""
        found: list[Content] = []
        group = ""
        for item, row in enumerate(self.rows):
            if row.group != group:
                group = row.group
                found.append(heading(group, width))
            found.append(self._line(item, row, width))
        return found

    def _line(self, item: int, row: Field, width: int) -> Content:
        here = item == self.cursor
        draft = self.draft
        vary = draft.state.varied.get(row.name)
        mark = ("✓" if vary is not None else "·") if row.varies else " "
        steps = row.name in CHOICES or (vary is not None and len(draft.kinds(row.name)) > 1)
        if vary is not None:
            kind = f"◂ {vary.kind} ▸" if here and steps else f"  {vary.kind}"
            value = f"{kind:<{KIND + 4}} {vary.text}"
        else:
            text = shown(draft.value(row.name)) if row.varies else draft.text(row.name)
            value = f"◂ {text} ▸" if here and steps else f"  {text or 'none'} {_unit(row, draft)}"
        line = f"{mark} {cut(row.label, LABEL):<{LABEL}} {value}"
        line = cut(line.rstrip(), width - 2).ljust(max(0, width - 2))
        content = Content.assemble("▸ " if here else "  ", line)
        if here and self.has_focus:
            return content.stylize(CURSOR)
        return content.stylize(DIM) if row.varies and vary is None else content

    def explanation(self) -> str:
        """Return what the row means."""
        row = self.current
        if row.setting is not None:
            return f"{row.setting.describe()} · {in_files(row)}"
        return f"{row.meaning} · {in_files(row)}" if row.varies else row.meaning

    def action_open(self) -> None:
        """Type a value."""
        screen = self.screen
        if isinstance(screen, StudyForm):
            screen.action_type()


def in_files(row: Field) -> str:
    """Return the key of a setting in the file of a study."""
    return f"in a file: {row.name}"


def _unit(row: Field, draft: StudyDraft) -> str:
    """Return the unit of a field of the study."""
    if row.name == "amount":
        return draft.text("budget")
    units = {"hours": "hours" if draft.text("hours") else "", "validation_size": "images"}
    return units.get(row.name, "")


class StudyForm(Refusing, Exporting, ModalScreen[SweepOrder | None], ClosesOnce[SweepOrder | None]):
    """Returns the study to start, or None.

    Args:
        draft: the study as it was left; whoever gives it keeps it.
        experiment: what Configure shows, around which another can be begun.
    """

    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS

    def __init__(self, draft: StudyDraft, experiment: Experiment) -> None:
        super().__init__()
        self.draft = draft
        self._experiment = experiment
        self._left = False
        """Whether the draft is as it was left, with changes."""
        self._rows = FormRows(draft)

    def compose(self) -> ComposeResult:
        """Lay out the rows, what they mean, and what is wrong."""
        yield self._rows
        yield Explanation()
        yield Static(id="verdict", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the first row."""
        self._left = self.draft.changed
        self._rows.focus()
        self.show()

    def show(self) -> None:
        """Draw the rows again, and say whether there can be such a study."""
        self._rows.border_title = Content(self._title())
        self._rows.draw()
        problem = self.draft.problem
        verdict = self.query_one("#verdict", Static)
        verdict.set_class(bool(problem), "refused")
        verdict.update(f"✗ {problem}" if problem else f"✓ {self._summary()}")
        self.query_one(Explanation).explain(self._rows.explanation())
        self.refresh_bindings()

    def _title(self) -> str:
        name = self.draft.experiment.name
        if not self._left:
            return f"A study around {name}"
        forms = [f"A study around {name}, as it was left; {{reset_all}} starts anew"]
        if self.draft.experiment != self._experiment:
            now = f"around what Configure shows now, {self._experiment.name}"
            forms = [f"{forms[0]} {now}", f"As it was left; {{reset_all}} starts anew {now}"]
        return first_fitting(self.app.size.width - 6, *map(fill, forms), fill(SHORT))

    def _summary(self) -> str:
        study = self.draft.study()
        varied = listed(study.space)
        seeds = len(study.seeds) - 1
        more = (
            f", {study.finalists} of them with {fmt.counted(seeds, 'more seed')}" if seeds else ""
        )
        trials = fmt.counted(study.trials, "trial")
        return fill(f"{trials}{more}; varies {varied}; {{start}} starts it")

    @on(RowList.Moved)
    def _moved(self) -> None:
        self.query_one(Explanation).explain(self._rows.explanation())
        self.refresh_bindings()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if not self._rows.is_attached:
            return None
        row = self._rows.current
        if action in ("start", "export") and self.draft.problem:
            return self.draft.problem
        if action == "export":
            return self.export_refusal
        if action == "vary" and not row.varies:
            return f"{row.label} is the same for the whole study"
        if action == "type" and row.name in CHOICES:
            words = ", ".join(CHOICES[row.name])
            return fill(f"{row.label} is one of {words}; {{left}} {{right}} choose")
        if action == "start_anew":
            same = self.draft.experiment == self._experiment
            return "" if self.draft.changed or not same else "everything has its first value"
        if action in ("undo", "redo"):
            return self.draft.refusal(action)
        return ""

    def action_vary(self) -> None:
        """Let the setting vary, or not."""
        self.draft.toggle(self._rows.current.name)
        self.show()

    def action_step(self, direction: int) -> None:
        """Take the next choice, or the next way to vary."""
        self.draft.step(self._rows.current.name, direction)
        self.show()

    def action_type(self) -> None:
        """Type a value, or bounds."""
        row = self._rows.current
        if row.name in CHOICES:
            return
        if row.varies and row.name not in self.draft.state.varied:
            self.draft.toggle(row.name)

        def take(text: str | None) -> None:
            if text is not None:
                self.draft.type(row.name, text)
            self.show()

        meaning = f"{BOUNDS}; {in_files(row)}" if row.varies else row.meaning
        screen = LineScreen(
            row.label,
            self.draft.text(row.name),
            meaning,
            lambda text: self.draft.reason(row.name, text),
        )
        self.app.push_screen(screen, take)
        self.show()

    def action_fold(self) -> None:
        """Leave out settings that do not vary, or show them."""
        self._rows.only_varying = not self._rows.only_varying
        self.show()

    def action_reset(self) -> None:
        """Give the row its first value."""
        self.draft.reset(self._rows.current.name)
        self.show()

    def action_start_anew(self) -> None:
        """Give everything its first value, around what Configure shows."""
        self.draft.start_anew(self._experiment)
        self._left = False
        self._rows.cursor = self._rows.validate_cursor(self._rows.cursor)
        self.show()

    def action_undo(self) -> None:
        """Undo the last change."""
        self.draft.undo()
        self.show()

    def action_redo(self) -> None:
        """Redo the last change that was undone."""
        self.draft.redo()
        self.show()

    def action_export(self) -> None:
        """Write the study as TOML, for the command line."""
        study = self.draft.study()
        folder = home.saved_models_folder() / "reports"

        def write() -> list[Path]:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{as_file_name(study.name)}.toml"
            files.write(path, study.to_toml().encode(), files.SHARED_FILE)
            return [path]

        def export() -> ExportDone:
            return file_export.write("the study", folder, lambda: (), write)

        self.export(export)

    def on_export_done(self, message: ExportDone) -> None:
        """Enable the export again, and have the app tell where it is."""
        super().on_export_done(message)

    def action_start(self) -> None:
        """Return the study."""
        try:
            study = self.draft.study()
        except SettingError:
            return
        self.dismiss(SweepOrder(study.name, study.definition()))

    def action_leave(self) -> None:
        """Make no study; the draft is kept."""
        if self.is_current:
            self.dismiss(None)
