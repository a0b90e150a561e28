"""The folder of one run: its settings as text, and its checkpoints."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core import files
from core.config.experiment import Experiment
from core.errors import DamagedError
from core.runs import checkpoint
from core.runs.checkpoint import SUFFIX, Checkpoint

KEPT = 2
"""Checkpoints of the way that are kept: should the newest be damaged, there is one before it."""
BEST = f"best{SUFFIX}"
SETTINGS = "settings.toml"
_NUMBERED = re.compile(r"checkpoint-(\d{1,12})" + re.escape(SUFFIX))


def stem_of(name: str) -> str:
    """Return what the ids of runs of this name begin with: a part of a file name anywhere."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "run"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    def make(self, experiment: Experiment) -> None:
        """Make the folder and write the settings.

        Raises:
            FileExistsError: if there is one.
            OSError: if it cannot be written.
        """
        self.path.mkdir(files.PRIVATE_FOLDER)
        self.write_settings(experiment)

    def ensure(self, experiment: Experiment) -> None:
        """Make the folder, or the settings in it, where somebody has deleted them.

        Raises:
            OSError: if it cannot be written.
        """
        with suppress(FileExistsError):
            self.path.mkdir(files.PRIVATE_FOLDER)
        if not (self.path / SETTINGS).exists():
            self.write_settings(experiment)

    def write_settings(self, experiment: Experiment) -> None:
        """Write the settings.

        Raises:
            OSError: if they cannot be written.
        """
        files.write(self.path / SETTINGS, experiment.to_toml().encode())

    def keep(self, state: Checkpoint) -> None:
        """Write a checkpoint of the way, and remove those that are too old.

        Raises:
            OSError: if it cannot be written; the earlier ones are untouched then.
        """
        path = self.path / f"checkpoint-{state.state.updates:08}{SUFFIX}"
        checkpoint.write(path, state)
        # What lies beyond was passed over when the run went on; it does not count.
        earlier = [other for other in self.numbered() if _updates(other) < state.state.updates]
        for other in earlier[KEPT - 1 :]:
            other.unlink(missing_ok=True)

    def keep_best(self, state: Checkpoint) -> None:
        """Write the checkpoint of the best validation accuracy.

        Raises:
            OSError: if it cannot be written; the earlier one is untouched then.
        """
        checkpoint.write(self.path / BEST, state)

    def numbered(self) -> list[Path]:
        """Return the checkpoints of the way, those with most updates first."""
        try:
            found = [path for path in self.path.iterdir() if _NUMBERED.fullmatch(path.name)]
        except OSError:
            return []
        return sorted(found, key=_updates, reverse=True)

    def best(self) -> Path:
        """Return where the checkpoint of the best validation accuracy is, or would be."""
        return self.path / BEST

    def sound(self) -> Iterator[tuple[Path, Checkpoint | DamagedError]]:
        """Yield every checkpoint of the way, most updates first, or what is wrong with it."""
        for path in self.numbered():
            try:
                yield path, checkpoint.read(path)
            except DamagedError as error:
                yield path, error
            except OSError as error:
                yield path, DamagedError(f"cannot read {path}: {error.strerror or error}")


def _updates(path: Path) -> int:
    match = _NUMBERED.fullmatch(path.name)
    return int(match[1]) if match else -1
