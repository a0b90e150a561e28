"""The experiment while a person works on it: what it started from, and what can be taken back."""

from core import plan as planning
from core.config import presets
from core.config.architecture import LayerSpec, ShortForm
from core.config.experiment import Experiment, SettingError
from tui.configure import layer_edits
from tui.widgets.undo import History


class Draft:
    """Knows no screen.

    Args:
        experiment: what to start with.
        dataset: what the data set `auto` stands for at the moment.
    """

    def __init__(self, experiment: Experiment, dataset: str) -> None:
        self.dataset = dataset
        self._history = History(experiment)
        own = {} if experiment.name in presets.ORDER else {experiment.name: experiment}
        self._bases = own | {name: presets.load(name) for name in presets.ORDER}

    @property
    def present(self) -> Experiment:
        """The experiment as it stands."""
        return self._history.present

    @property
    def base(self) -> Experiment:
        """What it started from."""
        return self._bases[self.present.name]

    @property
    def entries(self) -> list[tuple[str, str, str]]:
        """Everything to start from: name, architecture in short, length of the training."""
        return [(name, *in_words(base)) for name, base in self._bases.items()]

    def resolved(self, experiment: Experiment) -> str:
        """Return the data set that an experiment will use."""
        return self.dataset if experiment.dataset == "auto" else experiment.dataset

    def plan(self) -> planning.Plan:
        """Return what it amounts to.

        Raises:
            SettingError: if it is impossible, as what comes from elsewhere can be.
        """
        return self._plan(self.present)

    def changed(self, **values: object) -> Experiment:
        """Return the experiment with other values.

        Raises:
            SettingError: if they are impossible, or do not fit together.
        """
        experiment = self.present.changed(**values)
        try:
            self._plan(experiment)
        except SettingError:
            # Out of a state that is impossible already, every step is allowed.
            if self._possible(self.present):
                raise
        return experiment

    def change(self, tag: str = "", **values: object) -> None:
        """Give the experiment other values; those under the same tag are undone as one.

        Raises:
            SettingError: as `changed`.
        """
        self._history.record(self.changed(**values), tag)

    def reason(self, **values: object) -> str | None:
        """Say why the experiment cannot have `values`; None where it can."""
        try:
            self.changed(**values)
        except SettingError as error:
            return error.reason
        return None

    def choose(self, name: str) -> None:
        """Start from another preset; going through several counts as one change."""
        self._history.record(self._bases[name], "preset")

    def take(self, experiment: Experiment) -> None:
        """Go on with an experiment from elsewhere."""
        self._bases.setdefault(experiment.name, experiment)
        self._history.record(experiment)

    def insert(self, kind: str, index: int) -> None:
        """Add a layer below that at `index`, with numbers that fit.

        Raises:
            SettingError: if no layer of this kind fits there.
        """
        layers = self.present.architecture
        reasons = []
        for layer in layer_edits.CANDIDATES[kind]:
            new = layer_edits.inserted(layers, index, layer)
            reason = self.reason(architecture=new)
            if reason is None:
                self.change(architecture=new)
                return
            reasons.append(reason)
        raise SettingError("architecture", reasons[0])

    def with_layer(self, index: int, layer: LayerSpec) -> tuple[LayerSpec, ...]:
        """Return the layers with another one at `index`."""
        return layer_edits.replaced(self.present.architecture, index, layer)

    def undo(self) -> bool:
        """Go one change back; return whether there was one."""
        return self._history.undo()

    def redo(self) -> bool:
        """Go one change forward again; return whether there was one."""
        return self._history.redo()

    def seal(self) -> None:
        """Let the next change stand for itself."""
        self._history.seal()

    def _plan(self, experiment: Experiment) -> planning.Plan:
        return planning.plan(experiment, self.resolved(experiment))

    def _possible(self, experiment: Experiment) -> bool:
        try:
            self._plan(experiment)
        except SettingError:
            return False
        return True


def in_words(experiment: Experiment) -> tuple[str, str]:
    """Return the short form of an architecture, or how deep it is; and how long it trains."""
    short = ShortForm.of(experiment.architecture)
    short = short or f"{len(experiment.architecture)} layers"
    return short, f"{experiment.total_updates:,} updates"
