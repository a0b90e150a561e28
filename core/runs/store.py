"""A run on disk: one folder with settings, history, weights and result.

settings.toml         the experiment, enough to run it again
updates.csv           update, rate, loss, cost: a line an update
evaluations.csv       losses and accuracies at every evaluation
weights.safetensors   every tensor by name, and the normalisation that its inputs need
result.json           how it came out, and how it ended
"""

import csv
import io
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.experiment import Experiment
from core.training.events import Failed, Finished
from core.training.history import History, Table
from core.training.trainer import Trainer


class StoreError(Exception):
    """A run cannot be written; the message is one sentence for a person."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def id(self) -> str:
        """The run's name: that of its preset and a number."""
        return self.path.name

    @classmethod
    def create(cls, root: Path, experiment: Experiment) -> "RunFolder":
        """Make the folder of a new run under `root` and write its settings.

        Raises:
            StoreError: if it cannot be written to.
        """
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", experiment.name).strip("-.") or "run"
        try:
            root.mkdir(parents=True, exist_ok=True)
            taken = [
                int(match[1])
                for entry in root.iterdir()
                if (match := re.fullmatch(re.escape(name) + r"-(\d+)", entry.name))
            ]
            number = max(taken, default=0) + 1
            while True:
                folder = cls(root / f"{name}-{number}")
                try:
                    folder.path.mkdir()
                    break
                except FileExistsError:  # another process took the number just now
                    number += 1
            folder._write("settings.toml", experiment.to_toml().encode())
        except OSError as error:
            raise StoreError(_cannot_write(root, error)) from None
        return folder

    def keep(self, trainer: Trainer, history: History, last: Finished | Failed) -> None:
        """Write history, weights and result.

        Raises:
            StoreError: if they cannot be written.
        """
        from safetensors.numpy import save

        tensors = {
            name: np.ascontiguousarray(value)
            for name, (value, _) in trainer.engine.network.tensors().items()
        }
        normaliser = trainer.feed.normaliser
        tensors["normalisation.mean"] = np.ascontiguousarray(normaliser.mean)
        tensors["normalisation.deviation"] = np.ascontiguousarray(normaliser.deviation)
        about = {"settings": trainer.experiment.to_toml(), "updates": str(trainer.updates_done)}
        try:
            self._write("updates.csv", _csv(history.updates))
            self._write("evaluations.csv", _csv(history.evaluations))
            self._write("weights.safetensors", save(tensors, metadata=about))
            self._write("result.json", json.dumps(_ending(last), indent=2).encode() + b"\n")
        except OSError as error:
            raise StoreError(_cannot_write(self.path, error)) from None

    def copy_to(self, folder: Path) -> None:
        """Copy every file of the run into `folder`.

        Raises:
            StoreError: if it cannot be written to.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file in self.path.iterdir():
                if file.is_file() and not file.name.startswith("."):
                    shutil.copy2(file, folder / file.name)
        except OSError as error:
            raise StoreError(_cannot_write(folder, error)) from None

    def _write(self, name: str, content: bytes) -> None:
        # Written beside and renamed: a reader sees the old file or the new one, never half of one.
        path = self.path / name
        draft = path.with_name(f".{name}.{os.getpid()}")
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _ending(last: Finished | Failed) -> dict[str, Any]:
    if isinstance(last, Failed):
        return {"state": "failed", "update": last.update, "reason": last.reason}
    return {"state": "stopped" if last.stopped else "finished", **last.result.as_dict()}


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    columns = table.read()
    writer.writerows(
        (int(update), *values)
        for update, *values in zip(*(columns[name].tolist() for name in table.columns), strict=True)
    )
    return text.getvalue().encode()


def _cannot_write(where: Path, error: OSError) -> str:
    return f"cannot write to {where}: {error.strerror or error}"
