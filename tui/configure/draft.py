"""The experiment being edited, with its base preset and its undo history."""

from core import plan as planning
from core.config import presets
from core.config.experiment import Experiment, SettingError
from core.data import known
from tui.widgets.undo import History


class Draft:
    """An experiment being edited, independent of the screen.

    Args:
        experiment: the initial experiment.
        dataset: the data set that `auto` stands for.
    """

    def __init__(self, experiment: Experiment, dataset: str) -> None:
        self.dataset = dataset
        self._history = History(experiment)
        own = {} if experiment.name in presets.ORDER else {experiment.name: experiment}
        self._bases = own | {name: presets.load(name) for name in presets.ORDER}

    @property
    def present(self) -> Experiment:
        """The current experiment."""
        return self._history.present

    @property
    def base(self) -> Experiment:
        """The preset, or other experiment, that the current one is based on."""
        return self._bases[self.present.name]

    @property
    def entries(self) -> list[tuple[str, str, str]]:
        """All bases: name, short form of the architecture, length of the training."""
        return [(name, *in_words(base)) for name, base in self._bases.items()]

    def resolved(self, experiment: Experiment) -> str:
        """Return the data set that an experiment will use."""
        return self.dataset if experiment.dataset == known.AUTO else experiment.dataset

    def plan(self) -> planning.Plan:
        """Return the plan of the current experiment.

        Raises:
            SettingError: if the experiment is invalid, as one from elsewhere can be.
        """
        return self._plan(self.present)

    def changed(self, **values: object) -> Experiment:
        """Return the experiment with other values.

        Raises:
            SettingError: if the values are invalid, or do not fit together.
        """
        experiment = self.present.changed(**values)
        try:
            self._plan(experiment)
        except SettingError:
            # If the current state is already invalid, every change is allowed.
            if self._is_valid(self.present):
                raise
        return experiment

    def change(self, tag: str = "", **values: object) -> None:
        """Change values; consecutive changes with the same tag are undone together.

        Raises:
            SettingError: as for `changed`.
        """
        self._history.record(self.changed(**values), tag)

    def reason(self, **values: object) -> str | None:
        """Return why the experiment cannot have `values`; None if it can."""
        try:
            self.changed(**values)
        except SettingError as error:
            return error.reason
        return None

    def choose(self, name: str) -> None:
        """Load another base; consecutive choices are undone together."""
        self._history.record(self._bases[name], "preset")

    def take(self, experiment: Experiment) -> None:
        """Load an experiment from elsewhere."""
        self._bases.setdefault(experiment.name, experiment)
        self._history.record(experiment)

    def undo(self) -> bool:
        """Undo one change; return whether there was one."""
        return self._history.undo()

    def redo(self) -> bool:
        """Redo one change; return whether there was one."""
        return self._history.redo()

    def refusal(self, action: str) -> str:
        """Return why the action `undo` or `redo` is not possible; empty if it is."""
        return self._history.refusal(action)

    def seal(self) -> None:
        """Prevent the next change from being merged with the last one."""
        self._history.seal()

    def _plan(self, experiment: Experiment) -> planning.Plan:
        return planning.plan(experiment, self.resolved(experiment))

    def _is_valid(self, experiment: Experiment) -> bool:
        try:
            self._plan(experiment)
        except SettingError:
            return False
        return True


def in_words(experiment: Experiment) -> tuple[str, str]:
    """Return the short form of an architecture, or its number of layers; and its updates."""
    short = experiment.short_form or f"{len(experiment.architecture)} layers"
    return short, f"{experiment.total_updates:,} updates"
