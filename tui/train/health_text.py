"""Texts about the health of a training, in Train."""

from core.runs.session import Session
from core.training.health_columns import TENSOR_QUANTITIES
from core.training.health_strip import QUANTITIES, Quantity, Strip
from core.training.health_warnings import HealthWarning
from tui.keymap.keys import fill
from tui.train.strip_scale import Scale


def empty(session: Session, quantity: Quantity, over: bool) -> str:
    """Return why a strip has nothing to show, in a sentence.

    Args:
        session: the run.
        quantity: the quantity that is chosen.
        over: whether the run has ended, or nobody trains it.
    """
    if session.experiment.health == "off" and not len(session.history.health):
        return "This run records nothing about its health: its setting health is off."
    if not len(session.history.health):
        if over:
            return (
                "Nothing was recorded of this run: it ended before its first update, or is older "
                "than the record."
            )
        return "Nothing is recorded yet: the first row comes with the first update."
    return fill(
        f"This network has no layer of which {QUANTITIES[quantity]} could be recorded; "
        "{quantity} shows the next quantity."
    )


def layer_of(name: str, quantity: Quantity) -> str:
    """Return the layer that a row of a strip belongs to, `conv1` of `conv1.weight`."""
    return name.rpartition(".")[0] if quantity in TENSOR_QUANTITIES else name


def reading(strip: Strip, scale: Scale, row: int, column: int, outside: str) -> tuple[str, ...]:
    """Return forms of the value in a cell, the longest first.

    Args:
        strip: the values.
        scale: how they are written.
        row: the row.
        column: the column.
        outside: the threshold that the value is beyond; empty if there is none.
    """
    value = float(strip.values[row, column])
    exact = scale.text(value) if scale.kind == "linear" else f"{value:.6g}"
    name, update = strip.names[row], int(strip.at[row, column])
    says = f"{name} at update {update:,}: {exact}"
    if outside:
        return f"{says} ! outside: {outside}", f"{says} ! outside", f"{exact} ! outside", exact
    return says, f"{name} {update:,}: {exact}", exact


def log_line(warning: HealthWarning) -> str:
    """Return the log line of a warning that has come up."""
    return fill(f"! {_literal(warning.sentence())}; {{warnings}} leads to it")


def head(warnings: list[HealthWarning], holds: list[bool]) -> tuple[str, ...]:
    """Return forms of the line above a strip, the longest first; none without warnings.

    Args:
        warnings: all warnings of the run, in the order in which they came up.
        holds: which of them still hold.
    """
    if not warnings:
        return ()
    present = [warning for warning, still in zip(warnings, holds, strict=True) if still]
    latest, others = (present or warnings)[-1], len(warnings) - 1
    sign = "!" if present else "over:"
    what = QUANTITIES[latest.quantity] if latest.quantity else "accuracy"
    say = f"{sign} {latest.text}"
    short = f"{sign} {latest.evidence or 'the curves'}: {what}, since update {latest.since:,}"
    more = fill("{warnings} lists all " + str(len(warnings)) if others else "{warnings} says more")
    return f"{say} ─ {more}", f"{short} ─ {more}", short


def list_line(warning: HealthWarning, holds: bool) -> str:
    """Return the line of a warning in the list of all."""
    state = "!" if holds else "over"
    of = warning.evidence or "the curves"
    what = QUANTITIES[warning.quantity] if warning.quantity else "accuracy"
    return f"{state:<4} {of}: {what}, since update {warning.since:,}"


def _literal(text: str) -> str:
    """Return a text in which `fill` replaces nothing."""
    return text.replace("{", "{{").replace("}", "}}")
