"""Studies and results of trials for tests."""

from dataclasses import dataclass
from typing import Any

from core.sweeps.definition.study import Study

SPACE: dict[str, Any] = {
    "eta_max": {"log": [0.01, 0.1]},
    "batch_size": {"choice": [50, 100, 200]},
}


def study(**values: Any) -> Study:
    """Return a study of arch-2 with other values; None leaves a key out."""
    usual = {"name": "tiny", "preset": "arch-2", "trials": 12, "epochs": 2, "space": SPACE}
    return Study.of({key: value for key, value in {**usual, **values}.items() if value is not None})


@dataclass(frozen=True)
class Result:
    """A result as `core.sweeps.told.Told` describes it."""

    trial: int
    rung: int
    accuracy: float | None
    seed: int = 0
