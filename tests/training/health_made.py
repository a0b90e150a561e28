"""A made-up health record of a small network, some of which can be made ill."""

from collections.abc import Callable

from core.config.experiment import Experiment
from core.training.events import Evaluated, HealthMeasured, Started, UpdateDone
from core.training.health_columns import columns_of
from core.training.history import History

EXPERIMENT = Experiment.of(
    {"architecture": "4x4/10/50", "dataset": "synthetic", "health": "sparse", "eta_max": 0.1}
)
COLUMNS = columns_of(EXPERIMENT)

Ill = Callable[[str, int], float | None]
"""Returns the value of a column after an update; None for one that is well."""


def value(name: str, update: int) -> float:
    """Return a plausible value of a column."""
    owner, quantity = name.split("/")
    size = 1 + len(owner) / 10
    return {
        "weight": 2 * size,
        "gradient": size / (1 + update / 500),
        "update": 0.004 * size / (1 + update / 800),
        "ratio": 0.002 * size / (1 + update / 800),
        "mean": 0.3 * size - 0.0005 * update,
        "deviation": size,
        "silent": 0.01 * size,
    }.get(quantity, 0.1)


def run_to(
    history: History,
    updates: int,
    ill: Ill = lambda name, update: None,
    every: int = 100,
    columns: tuple[str, ...] = COLUMNS,
) -> None:
    """Continue a history, with a row of the record every so many updates."""
    for update in range(len(history.updates) + 1, updates + 1):
        if update == 1 or update % every == 0:
            found = ((ill(name, update), value(name, update)) for name in columns)
            history.add(HealthMeasured(update, tuple(w if i is None else i for i, w in found)))
        history.add(UpdateDone(update, 0.1, 1.5, 1.8, update / 100))
        if update % 500 == 0:
            history.add(Evaluated(update, 1.5, 0.5, 1.6, 0.45))


def recorded(updates: int, ill: Ill = lambda name, update: None, every: int = 100) -> History:
    """Return the history of a run of `EXPERIMENT`."""
    history = History()
    history.add(Started("synthetic", "built in", 10, 5000, 7, 40, health=COLUMNS))
    run_to(history, updates, ill, every)
    return history


def silent_between(first: int, last: int) -> Ill:
    """Return that six in ten units of relu2 are silent from one update to another."""
    return lambda name, update: 0.6 if name == "relu2/silent" and first <= update <= last else None
