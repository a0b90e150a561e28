"""A study while it is made: what varies, and how much is trained; independent of the screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.config.experiment import Experiment
from core.settings import SettingError
from core.sweeps.definition.study import Study, stands_for
from core.sweeps.definition.study_fields import StudyFields
from tui.sweeps.centre import Centre, Vary
from tui.sweeps.fields import Field
from tui.widgets.undo import History

BUDGETS = ("epochs", "updates")
SAMPLERS = ("random", "tpe")
PRUNINGS = ("none", "halving", "median")
CHOICES = {"budget": BUDGETS, "sampler": SAMPLERS, "pruning": PRUNINGS}
"""Fields that are one of some words."""

WHEN = re.compile(r"\s+when\s+", re.IGNORECASE)
SEPARATOR = re.compile(r"\s*,\s*|\s+to\s+")


@dataclass(frozen=True)
class State:
    """All that was chosen and typed; a change makes a new one."""

    centre: Centre
    fields: Mapping[str, str] = field(default_factory=dict)
    varied: Mapping[str, Vary] = field(default_factory=dict)


class StudyDraft:
    """A study around an experiment, with undo and redo.

    Args:
        experiment: what Configure shows.
        taken: names of other studies.
    """

    def __init__(self, experiment: Experiment, taken: set[str]) -> None:
        self._taken = taken
        self._history = History(self._first(Centre(experiment)))
        self._begun = self.state
        self._problem: tuple[State, str] | None = None

    @property
    def state(self) -> State:
        """What is chosen and typed at present."""
        return self._history.present

    @property
    def experiment(self) -> Experiment:
        """What the study is made around."""
        return self.state.centre.experiment

    @property
    def fields(self) -> tuple[Field, ...]:
        """The rows of the form."""
        return self.state.centre.fields

    @property
    def changed(self) -> bool:
        """Whether there is something in it that would be lost."""
        return self.state != self._begun

    def opened_again(self, taken: set[str]) -> None:
        """Take the names that other studies have by now."""
        self._taken = taken
        self._problem = None

    def start_anew(self, experiment: Experiment) -> None:
        """Give everything its first value, around what Configure shows; this can be undone."""
        first = self._first(Centre(experiment))
        self._history.record(first)
        self._begun = first

    @staticmethod
    def _free(name: str, taken: set[str]) -> str:
        """Return a name that no other study has."""
        found, at = name, 1
        while found in taken:
            at += 1
            found = f"{name}-{at}"
        return found

    def _first(self, centre: Centre) -> State:
        proposal = centre.proposal
        values = {name: model.default for name, model in StudyFields.model_fields.items()}
        fields = {
            "name": self._free(centre.experiment.name, self._taken),
            "trials": str(values["trials"]),
            "budget": "epochs",
            "amount": f"{proposal['epochs']:g}",
            "hours": "",
            "sampler": str(values["sampler"]),
            "pruning": str(proposal["pruning"]["kind"]),
            "first": f"{values['pruning'].first:g}",
            "factor": str(values["pruning"].factor),
            "finalists": str(values["finalists"]),
            "seeds": ", ".join(map(str, values["seeds"])),
            "validation_size": str(proposal["validation_size"]),
        }
        # The learning rate alone: it matters most, and a mark adds what else is to vary.
        return State(centre, fields, {"eta_max": centre.proposed("eta_max")})

    # What varies

    def proposed(self, name: str) -> Vary:
        """Return a way to vary a setting, to be edited."""
        return self.state.centre.proposed(name)

    def field(self, name: str) -> Field:
        """Return a row by its name."""
        return self.state.centre.field(name)

    def value(self, name: str) -> Any:
        """Return the value that a setting has in what the study is made around."""
        return self.state.centre.value(name)

    # Changes

    def toggle(self, name: str) -> None:
        """Let a setting vary, or not."""
        varied = dict(self.state.varied)
        if varied.pop(name, None) is None:
            varied[name] = self.proposed(name)
        self._history.record(replace(self.state, varied=varied))

    def step(self, name: str, direction: int) -> bool:
        """Take the next choice of a field, or the next way to vary; return whether there is one."""
        if name in CHOICES:
            words = CHOICES[name]
            at = words.index(self.state.fields[name])
            chosen = words[(at + direction) % len(words)]
            if name == "budget" and chosen != self.state.fields[name]:
                fields = {**self.state.fields, name: chosen, "amount": self._amount_in(chosen)}
                self._history.record(replace(self.state, fields=fields), name)
            else:
                self._set(name, chosen)
            return True
        vary = self.state.varied.get(name)
        if vary is None:
            return False
        kinds = self.kinds(name)
        at = kinds.index(vary.kind) if vary.kind in kinds else 0
        changed = replace(vary, kind=kinds[(at + direction) % len(kinds)])
        self._history.record(
            replace(self.state, varied={**self.state.varied, name: changed}), f"kind {name}"
        )
        return len(kinds) > 1

    def _amount_in(self, budget: str) -> str:
        """Return the amount of training in epochs or updates, whichever it is not given in."""
        amount, size = (_number(self.state.fields[each]) for each in ("amount", "validation_size"))
        images = self.experiment.data.training - (size if isinstance(size, int) else 0)
        each = images // self.experiment.batch_size
        if isinstance(amount, str) or each < 1:
            return self.state.fields["amount"]
        return f"{max(1, round(amount * each))}" if budget == "updates" else f"{amount / each:.3g}"

    def kinds(self, name: str) -> tuple[str, ...]:
        """Return the ways in which a setting can vary."""
        setting = self.field(name).setting
        if setting is None or setting.choices:
            return ("choice",)
        if setting.type is int:
            return ("choice", "integer", "integer log")
        return ("choice", "linear", "log")

    def type(self, name: str, text: str) -> None:
        """Take a typed text."""
        self._history.record(self._with(name, text))

    def _with(self, name: str, text: str) -> State:
        if name in self.state.fields:
            return replace(self.state, fields={**self.state.fields, name: text.strip()})
        vary = self.state.varied.get(name) or self.proposed(name)
        return replace(
            self.state, varied={**self.state.varied, name: replace(vary, text=text.strip())}
        )

    def _set(self, name: str, text: str) -> None:
        self._history.record(replace(self.state, fields={**self.state.fields, name: text}), name)

    def reset(self, name: str) -> None:
        """Give a row its first value."""
        first = self._first(self.state.centre)
        if name in first.fields:
            self._set(name, first.fields[name])
        elif name in self.state.varied:
            varied = {**self.state.varied, name: self.proposed(name)}
            self._history.record(replace(self.state, varied=varied))

    def undo(self) -> bool:
        """Undo one change; return whether there was one."""
        return self._history.undo()

    def redo(self) -> bool:
        """Redo one change; return whether there was one."""
        return self._history.redo()

    def refusal(self, action: str) -> str:
        """Return why the action `undo` or `redo` is not possible; empty if it is."""
        return self._history.refusal(action)

    # The study

    def text(self, name: str) -> str:
        """Return what is typed for a row; empty for a setting that does not vary."""
        if name in self.state.fields:
            return self.state.fields[name]
        vary = self.state.varied.get(name)
        return vary.text if vary is not None else ""

    def study(self, state: State | None = None) -> Study:
        """Return the study.

        Raises:
            SettingError: if it is invalid; in one sentence.
        """
        state = state or self.state
        if state.fields["name"] in self._taken:
            raise SettingError("name", "there is a study of this name; give it another")
        if stands := stands_for(state.fields["name"].strip()):
            raise SettingError("name", f"it stands for {stands}; give it another")
        return Study.of(self.definition(state))

    def definition(self, state: State | None = None) -> dict[str, Any]:
        """Return the study as plain values, checked or not."""
        state = state or self.state
        fields = state.fields
        pruning: dict[str, Any] = {"kind": fields["pruning"]}
        if fields["pruning"] != "none":
            pruning["first"] = _number(fields["first"])
        if fields["pruning"] == "halving":
            pruning["factor"] = _number(fields["factor"])
        values: dict[str, Any] = {
            "name": fields["name"],
            "base": self.experiment.model_dump(mode="json"),
            "trials": _number(fields["trials"]),
            fields["budget"]: _number(fields["amount"]),
            "sampler": fields["sampler"],
            "pruning": pruning,
            "finalists": _number(fields["finalists"]),
            "seeds": [_number(each) for each in SEPARATOR.split(fields["seeds"]) if each],
            "validation_size": _number(fields["validation_size"]),
            "space": {name: _table(vary) for name, vary in state.varied.items()},
        }
        if fields["hours"]:
            hours = _number(fields["hours"])
            values["wall_seconds"] = hours if isinstance(hours, str) else 3600.0 * hours
        return values

    @property
    def problem(self) -> str:
        """Why there can be no such study, in a sentence; empty if there can."""
        if self._problem is None or self._problem[0] is not self.state:
            self._problem = self.state, _reason(lambda: self.study(), str)
        return self._problem[1]

    def reason(self, name: str, text: str) -> str | None:
        """Return why a row cannot have a text, whatever else is wrong; None if it can."""
        concerned = {name, f"space.{name}", *_FIELDS_OF.get(name, ())}
        state = self._with(name, text)

        def own(error: SettingError) -> str:
            return error.reason if error.field in concerned else ""

        return _reason(lambda: self.study(state), own) or None


_FIELDS_OF = {
    "amount": BUDGETS,
    "hours": ("wall_seconds",),
    "first": ("pruning.first",),
    "factor": ("pruning.factor",),
}
"""Fields of the study that a row of another name sets."""


def _reason(make: Any, words: Any) -> str:
    try:
        make()
    except SettingError as error:
        return str(words(error))
    return ""


def _table(vary: Vary) -> dict[str, Any]:
    """Return a distribution as a study has it."""
    text, *conditions = WHEN.split(vary.text, maxsplit=1)
    kind, _, log = vary.kind.partition(" ")
    table: dict[str, Any] = {kind: [_number(each) for each in SEPARATOR.split(text) if each]}
    if log:
        table["log"] = True
    for condition in conditions:
        name, _, values = condition.partition("=")
        table["when"] = {name.strip(): [_number(each) for each in re.split(r"\s*\|\s*", values)]}
    return table


def _number(text: str) -> Any:
    """Return a number, or the text itself if it is none, which the study then refuses."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text.replace("_", " "))
        except ValueError:
            continue
    return text
