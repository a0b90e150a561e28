"""`convsole runs show`: settings, edits and results of a run."""

from typing import TYPE_CHECKING

from rich.table import Table

from core import format as fmt
from core.errors import StoreError
from tui.cli import health, say
from tui.cli.options import JsonOption, RunArgument, ThresholdOption
from tui.cli.runs.text import accuracy, when
from tui.cli.table import output

if TYPE_CHECKING:
    from core.predictions.choice import SavedCheckpoint
    from core.runs.records import Run
    from core.training.health_thresholds import HealthThresholds
    from core.training.health_warnings import HealthWarning
    from core.training.history import History


@say.faults_in_one_sentence()
def show(run: RunArgument, limits: ThresholdOption = None, as_json: JsonOption = False) -> None:
    """Show all that is known of a run: settings, edits and results."""
    from core.runs.records import ACCURACIES, RunState, accuracies_text
    from core.runs.session import store
    from core.training import edit_text

    thresholds = health.thresholds(limits)
    found = store().find(run)
    events = store().events(found)
    history, warnings = _health(found, thresholds)
    checkpoints = _checkpoints(found)
    if as_json:
        say.json_line(
            {
                **found.summary(),
                "note": found.note,
                "reason": found.reason,
                "settings": found.settings,
                "result": found.exported_result(),
                "machine": found.machine,
                "source": found.source,
                "events": [event._asdict() for event in events],
                "folder": str(store().folder(found)),
                "checkpoints": [
                    {"updates": each.updates, "kept": each.kept, "best": each.best}
                    for each in checkpoints
                ],
                "health": None if history is None else health.latest(history),
                "warnings": health.as_json(warnings),
            }
        )
        return
    end = found.at_end()
    stop = accuracies_text(found.at_stop(), accuracy)
    rows: list[tuple[str, str]] = [
        ("id", found.id),
        ("name", found.name),
        ("note", found.note),
        ("state", found.state.value + (f": {found.reason}" if found.reason else "")),
        ("started", when(found.started)),
        ("updates", f"{found.updates:,} of {found.total:,} in {fmt.duration(found.seconds)}"),
        ("data", f"{found.settings.get('dataset')}, {found.source}"),
        ("best validation", _best(found)),
        *[(_label(name), accuracy(end.get(name))) for name in ACCURACIES],
        ("at the stop", stop if found.state is RunState.STOPPED else ""),
        ("settings", found.preset),
        ("architecture", found.network()),
        *[
            (_label(name), edit_text.with_unit(name, value))
            for name, value in found.settings.items()
        ],
        ("machine", f"{found.machine.get('cpu')}, NumPy {found.machine.get('numpy')}"),
        ("folder", str(store().folder(found))),
        ("checkpoints", _after(checkpoints)),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, say.cell(value))
    output(table)
    past = Table(box=None, pad_edge=False, header_style="bold", title="", show_header=False)
    edits = edit_text.each_edit(found.settings, [event.edit for event in events])
    for event, words in zip(events, edits, strict=True):
        words = words or event.content.get("machine", "")
        past.add_row(when(event.at), f"{event.update:,}", say.cell(event.kind), say.cell(words))
    output(past)
    health.print_warnings(warnings)


def _health(
    run: "Run", thresholds: "HealthThresholds"
) -> "tuple[History | None, list[HealthWarning]]":
    """Return the history of a run and its warnings; nothing of them if it is damaged."""
    from core.runs.session import store
    from core.training.health_warnings import health_warnings

    try:
        history = store().history(run)
        return history, health_warnings(history, run.experiment(), thresholds)
    except StoreError as error:
        say.note(str(error))
        return None, []


def _checkpoints(run: "Run") -> "list[SavedCheckpoint]":
    """Return the checkpoints of a run; none if its settings are damaged, which `_health` tells."""
    from core.predictions.choice import saved_checkpoints
    from core.runs.session import store

    try:
        return saved_checkpoints(store(), run)
    except StoreError:
        return []


def _after(checkpoints: "list[SavedCheckpoint]") -> str:
    """Return the numbers of updates of checkpoints, and which are kept, or the best."""
    words = []
    for each in checkpoints:
        what = [word for word, true in (("kept", each.kept), ("best", each.best)) if true]
        words.append(f"{each.updates:,}" + (f" ({', '.join(what)})" if what else ""))
    return f"after {', '.join(words)} updates" if words else ""


def _best(run: "Run") -> str:
    if run.best_accuracy is None:
        return ""
    return f"{accuracy(run.best_accuracy)} after {run.best_update:,} updates"


def _label(name: str) -> str:
    from core.config.experiment import FIELDS_BY_NAME

    field = FIELDS_BY_NAME.get(name)
    return field.label if field else name.replace("_", " ")
