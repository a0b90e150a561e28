"""The warnings of a run over time: which have come up, and which still hold."""

import numpy as np

from core.config.experiment import Experiment
from core.training.health_thresholds import HealthThresholds
from core.training.health_warnings import HealthWarning, health_warnings
from core.training.history import History

MOMENTS = 24
"""Updates at which what has passed without a look is judged, spread evenly."""


class HealthLog:
    """Collects the warnings of one run, one for each threshold and layer.

    Args:
        experiment: the settings that the run began with.
        thresholds: from where on something is wrong.

    Attributes:
        warnings: the latest form of every warning so far, in the order in which they came up.
    """

    def __init__(self, experiment: Experiment, thresholds: HealthThresholds) -> None:
        self.experiment, self.thresholds = experiment, thresholds
        self.warnings: list[HealthWarning] = []
        self._known: dict[tuple[str, str], HealthWarning] = {}
        self._present: set[tuple[str, str]] = set()
        self._seen = (0, 0)

    def look(self, history: History) -> list[HealthWarning]:
        """Return the warnings that have come up since the last look; cheap if nothing is new.

        Args:
            history: the history of the run, which may still grow.
        """
        seen = len(history.health), len(history.evaluations)
        if seen == self._seen:
            return []
        before = set(self._known)
        # A first look at a long run, or one after a while: some of it may be over by now.
        rows = history.health.points()[0][self._seen[0] :]
        if len(rows) > MOMENTS:
            for row in np.linspace(0, len(rows), MOMENTS, endpoint=False).astype(np.intp)[1:]:
                self._judge(history, float(rows[row]))
        self._judge(history, np.inf)
        self._seen = seen
        self.warnings = list(self._known.values())
        return [warning for key, warning in self._known.items() if key not in before]

    def holds(self, warning: HealthWarning) -> bool:
        """Return whether a warning is one of the latest look."""
        return warning.key in self._present

    def _judge(self, history: History, until: float) -> None:
        found = health_warnings(history, self.experiment, self.thresholds, until)
        self._known |= {warning.key: warning for warning in found}
        self._present = {warning.key for warning in found}
