"""A training from settings to saved run: what the screen and the command line both do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.data import home, source
from core.data.dataset import Dataset
from core.experiment import Experiment
from core.runs.held import held
from core.runs.store import RunFolder
from core.training.control import Control
from core.training.events import Event, Failed, Finished
from core.training.history import History
from core.training.trainer import Trainer


@dataclass
class Session:
    """One training and everything that belongs to it.

    Attributes:
        experiment: what is run; `run` replaces the data set `auto` by the one that was found.
        data: a folder or archive of CIFAR-10 that the user named, or None.
        threads: at most so many, None for as many as there are cores.
        control: how to pause and stop it.
        history: what it has told so far.
        folder: where it is kept, known once the data have been read.
    """

    experiment: Experiment
    data: Path | None = None
    threads: int | None = None
    control: Control = field(default_factory=Control)
    history: History = field(default_factory=History)
    folder: RunFolder | None = None

    def run(
        self,
        listen: Callable[[Event], None] = lambda event: None,
        load: Callable[[str, Path | None, int], Dataset] = source.load,
    ) -> Finished | Failed:
        """Load the data, train, and keep the run, whether it ends, is stopped or fails.

        Args:
            listen: told every event after the history has it.
            load: reads a data set; the screen passes one that remembers.

        Raises:
            DataError: if the data cannot be read.
            SettingError: if the settings do not fit the data.
            StoreError: if the run cannot be written.
        """
        dataset = load(self.experiment.dataset, self.data, self.experiment.validation_size)
        self.experiment = self.experiment.changed(dataset=dataset.name)
        trainer = Trainer(self.experiment, dataset, self.threads)
        self.folder = RunFolder.create(home.saved_models_folder(), self.experiment)

        def tell(event: Event) -> None:
            self.history.add(event)
            # The last word is only said when everything is on disk.
            if not isinstance(event, Finished | Failed):
                listen(event)

        with held(self.folder.path):
            last = trainer.run(self.control, tell)
            self.folder.keep(trainer, self.history, last)
        listen(last)
        return last
