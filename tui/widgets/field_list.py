"""A list of settings that are stepped, typed and reset from the keyboard."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input

from core.config.experiment import FIELDS
from core.settings import Setting, SettingError, Value
from core.text_out import visible
from core.training.edit_text import in_labels
from tui.keymap.bindings import bind
from tui.keymap.refusals import Refusing
from tui.widgets.choice import ChoiceScreen
from tui.widgets.field_row import STEP_DOWN, STEP_UP, field_row, heading
from tui.widgets.row_list import RowList, Rows
from tui.widgets.value_input import ValueInput

Check = Callable[[str, Value], str | None]
"""Returns the reason why a setting cannot have a value, or None if it can."""
Take = Callable[[dict[str, Value], bool], None]
"""Takes new values, already checked, and whether they come from a step."""

SMALLER, LARGER = "Make the value one step smaller", "Make the value one step larger"


class FieldList(Refusing, RowList):
    """Settings under their headings, one a row: label, value, unit.

    Args:
        settings: the settings in the order of the rows.
        values: the values of all settings.
        check: called before a value is taken.
        take: called with the values that the user sets. A call, not a message: keys that are
            already queued must see the new value.
        refuse: called with the reason why a value is refused.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "step(-1)", "Step", SMALLER, show=True, display="← →"),
        bind("right", "step(1)", "Step up", LARGER),
        bind("open", "open", "Type", "Type a value", show=True),
        bind("reset", "reset(False)", "Reset", "Give this setting its first value"),
        bind("reset_all", "reset(True)", "Reset all", "Give every setting its first value"),
    ]

    hints = (
        "{open} types · {reset} resets · {reset_all} resets all · {undo} takes back",
        "{reset} resets · {reset_all} resets all · {undo} takes back",
        "{reset} resets · {undo} takes back",
    )

    values: reactive[Mapping[str, Value]] = reactive(dict, init=False)
    """Value of each setting by its name."""

    base: reactive[Mapping[str, Value]] = reactive(dict, init=False)
    """Values that a reset restores; a value that differs from its base is marked."""

    unused: reactive[Mapping[str, str]] = reactive(dict, init=False)
    """Settings without effect at the moment, each with the reason."""

    def __init__(
        self,
        settings: Sequence[Setting],
        values: Mapping[str, Value],
        check: Check,
        take: Take,
        refuse: Callable[[str], None],
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._settings = tuple(settings)
        self._check = check
        self._take = take
        self._refuse_value = refuse
        self._problem = self._refused = ""
        self._stepping = 0
        """Direction of the step that the last click made; 0 for none."""
        self._note = ""
        """That a typed value was dropped; empty if not."""
        self.set_reactive(FieldList.values, values)
        self.set_reactive(FieldList.base, values)

    def compose(self) -> ComposeResult:
        """Lay out the rows and, hidden, the input that is shown over a value."""
        yield from super().compose()
        self._input = ValueInput()
        self._input.display = False
        yield self._input

    def watch_values(self) -> None:
        """Draw the new values."""
        self._refused = self._note = ""
        self.draw()

    def watch_base(self) -> None:
        """Draw the marks of changed values."""
        self.draw()

    def watch_unused(self) -> None:
        """Draw the settings without effect."""
        self.draw()

    # Drawing

    @property
    def setting(self) -> Setting:
        """The setting under the cursor."""
        return self._settings[self.cursor]

    @property
    def typing(self) -> bool:
        """Whether a value is being typed."""
        return self.is_mounted and self._input.display

    def count(self) -> int:
        """Return the number of settings."""
        return len(self._settings)

    def line_of(self, item: int) -> int:
        """Return the line of a setting; every group up to it has a heading."""
        groups = [setting.group for setting in self._settings[: item + 1]]
        return item + len({group for group in groups if group})

    def lines(self, width: int) -> list[Content]:
        """Return headings, settings, and the validation error of the typed text."""
        lines: list[Content] = []
        group = ""
        for index, setting in enumerate(self._settings):
            if setting.group != group:
                group = setting.group
                lines.append(heading(group, width))
            lines.append(self._row(index, setting, width))
            if self.typing and self._problem and index == self.cursor:
                lines += Content.styled(f"✗ {self._problem}", "$text-error").wrap(max(8, width))
        return lines

    def explanation(self) -> str:
        """Return meaning, unit and range of the setting, and why it has no effect if so.

        After a typed value was dropped, say that instead, until the cursor or the value changes.
        """
        if self._note:
            return self._note
        reason = self.unused.get(self.setting.name)
        symbol = f" [{self.setting.symbol}]" if self.setting.symbol else ""
        # The name on the command line, which the label does not show.
        option = f" · --set {self.setting.name}" if self.setting in FIELDS else ""
        return self.setting.describe() + symbol + (f"; {reason}" if reason else "") + option

    def _row(self, index: int, setting: Setting, width: int) -> Content:
        here, name = index == self.cursor, setting.name
        return field_row(
            setting,
            self.values[name],
            width,
            changed=self.values[name] != self.base.get(name),
            marked=here and self.has_focus and not self.typing,
            idle=name in self.unused,
            wrong=here and (bool(self._problem) if self.typing else self._refused == name),
            typed=here and self.typing,
        )

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why there is nothing to reset."""
        if action != "reset":
            return ""
        if parameters[0]:
            return "every setting has its first value" if self._unchanged(self._settings) else ""
        first = self._unchanged([self.setting])
        return f"{self.setting.label} has its first value already" if first else ""

    def _unchanged(self, settings: Sequence[Setting]) -> bool:
        return all(self.values.get(each.name) == self.base.get(each.name) for each in settings)

    def clicked(self, x: int, line: int, times: int) -> None:
        """Step the value if one of the signs beside it was clicked; otherwise move the cursor."""
        if line == self.line_of(self.cursor) and not self.typing:
            text = self._row(self.cursor, self.setting, self.query_one(Rows).size.width).plain
            for sign, direction in ((STEP_DOWN, -1), (STEP_UP, 1)):
                # The value may contain no such sign, so that each stands there once at the most.
                hit = (at := text.find(sign)) >= 0 and abs(x - at) <= 1
                # A shorter value moves the signs away from under a pointer that clicks on.
                if hit or (times > 1 and self._stepping == direction):
                    self._stepping = direction
                    self.action_step(direction)
                    return
        self._stepping = 0
        super().clicked(x, line, times)

    def action_move(self, rows: int) -> None:
        """Move the cursor, unless a value is being typed."""
        if not self.typing:
            super().action_move(rows)

    def item_moved(self) -> None:
        """Clear the mark of a refused value."""
        self._refused = self._note = ""

    def action_step(self, direction: int) -> None:
        """Step the value on the scale of the setting."""
        if self.typing:
            return
        setting, value = self.setting, self.values[self.setting.name]
        stepped = setting.stepped(value, direction)
        if stepped == value:
            side = "highest" if direction > 0 else "lowest"
            self._refuse(f"{setting.show(value)} is the {side} value already")
        elif reason := self._check(setting.name, stepped):
            self._refuse(reason)
        else:
            self._take({setting.name: stepped}, True)

    def action_reset(self, everything: bool) -> None:
        """Restore the base value of this setting, or of all."""
        if not self.typing:
            names = [setting.name for setting in self._settings] if everything else []
            names = names or [self.setting.name]
            self._take({name: self.base[name] for name in names}, False)

    def action_open(self) -> None:
        """Show the input over the value, or the choices."""
        if self.typing:
            return
        if self.setting.choices:
            self._choose(self.setting)
            return
        # In the same columns in every row: between the longest label and the column of the sign.
        left = 3 + max(cell_len(setting.label) for setting in self._settings)
        self._input.styles.offset = (left, self.line_of(self.cursor))
        self._input.styles.width = max(4, self.query_one(Rows).size.width - left - 3)
        self._problem = self._refused = self._note = ""
        self._input.display = True
        self._input.begin(str(self.values[self.setting.name]))
        self.draw()

    def _choose(self, setting: Setting) -> None:
        def take(choice: str | None) -> None:
            if choice is None or choice == self.values[setting.name]:
                return
            if reason := self._check(setting.name, choice):
                self._refuse(reason)
            else:
                self._take({setting.name: choice}, False)

        present = str(self.values[setting.name])
        self.app.push_screen(ChoiceScreen(setting.label, setting.choices, present), take)

    def leave(self) -> None:
        """Hide the input; the value does not change."""
        if self.typing:
            focused = self._input.has_focus
            self._input.display = False
            if focused:
                self.focus(scroll_visible=False)
            self.draw()

    @on(Input.Changed)
    def _check_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.typing:
            # An empty field is on its way to a value; Enter would refuse it.
            self._problem = self._parse(event.value)[1] if event.value.strip() else ""
            self.draw()
            self.show_cursor(4 if self._problem else 1)

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        value, self._problem = self._parse(event.value)
        if self._problem:
            self.draw()
        elif self.typing and value is not None:
            self.leave()
            self._take({self.setting.name: value}, False)

    @on(Input.Blurred)
    @on(ValueInput.Left)
    def _leave(self, event: Input.Blurred | ValueInput.Left) -> None:
        event.stop()
        typed, kept = self._input.value, self.values[self.setting.name]
        if self.typing and typed != str(kept):
            self._note = (
                f"{self.setting.label} stays {self.setting.show(kept)}: "
                f"{visible(typed) or 'an empty field'} was not taken"
            )
        self.leave()

    def _parse(self, text: str) -> tuple[Value | None, str]:
        try:
            value = self.setting.parse(text)
        except SettingError as error:
            return None, in_labels(error.reason)
        return value, in_labels(self._check(self.setting.name, value) or "")

    def _refuse(self, reason: str) -> None:
        self._refused = self.setting.name
        self.draw()
        self._refuse_value(reason)
