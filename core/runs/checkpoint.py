"""Weights on disk, with everything that it takes to continue training from them.

A checkpoint is one safetensors file: the tensors of the network by name, running statistics among
them, the normalisation of its inputs, the optimiser's velocity if it has one, and in the header the
settings, the edits, how far the run had come, and a SHA-256 of the whole file, computed with zeros
in its own place. So a changed bit is noticed wherever it is.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from core import files
from core.build_layers import layers_of
from core.config.experiment import Experiment
from core.errors import DamagedError
from core.nn.network import Network
from core.settings import SettingError
from core.text_out import visible
from core.training.state import State
from core.training.timeline import Edit, Timeline

SUFFIX = ".safetensors"
MAX_HEADER = 1_000_000
"""Bytes of a header: names, shapes and settings of a network take a few thousand."""
MOST_WORDS = 300
"""Characters of what is said to be wrong."""
FORMAT = "convsole-1"
NORMALISATION = ("normalisation.mean", "normalisation.deviation")
VELOCITY = "optimiser.velocity"
_ZEROS = "0" * 64
_TYPES = {"F32": "float32", "F64": "float64"}

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run between two updates, and the normalisation of its inputs."""

    run: str
    """The run's id when it was written."""
    timeline: Timeline
    state: State
    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]

    def leads_to(self, recorded: int, timeline: Timeline) -> bool:
        """Tell whether what is recorded of the run was computed from this state.

        It was not if the run was resumed from an earlier state and then edited.

        Args:
            recorded: updates that are recorded.
            timeline: of the run, with all of its edits.
        """
        done = self.state.updates
        return done <= recorded and self.timeline.same_until(done, timeline)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all.

    Raises:
        OSError: if the disk refuses.
    """
    from safetensors.numpy import save

    timeline, state = checkpoint.timeline, checkpoint.state
    tensors: dict[str, npt.NDArray[Any]] = {
        **state.tensors,
        NORMALISATION[0]: checkpoint.mean,
        NORMALISATION[1]: checkpoint.deviation,
    }
    if state.velocity is not None:
        tensors[VELOCITY] = state.velocity
    about = {
        "format": FORMAT,
        "run": checkpoint.run,
        "settings": timeline.experiment.to_toml(),
        "edits": json.dumps([[edit.update, dict(edit.changes)] for edit in timeline.edits]),
        "updates": str(state.updates),
        "seconds": repr(state.seconds),
        "sha256": _ZEROS,
    }
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    content = save(contiguous, metadata=about)
    digest = hashlib.sha256(content).hexdigest()
    field = b'"sha256":"%s"'
    files.write(path, content.replace(field % _ZEROS.encode(), field % digest.encode(), 1))


def load_checkpoint(path: Path) -> Checkpoint:
    """Load a checkpoint that may come from anywhere.

    Nothing in it is used before its size, its checksum and its shapes are those that its settings
    ask for.

    Raises:
        DamagedError: if it is not a whole checkpoint, with the reason in one sentence.
        OSError: if it cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    with files.opened(path) as file:
        header = _header(file, path)
        about = header.pop("__metadata__", None)
        try:
            if not isinstance(about, dict) or about.get("format") != FORMAT or not _texts(about):
                raise ValueError("it is no checkpoint of this version of Convsole")
            _verify(file, about)
            timeline, updates, seconds = _about(about)
            _check(header, timeline.experiment)
        except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
            raise _damaged(path, str(error)) from None
    try:
        with safe_open(path, "numpy") as opened:
            tensors = {name: opened.get_tensor(name) for name in header}
    except SafetensorError as error:
        raise _damaged(path, str(error)) from None
    mean, deviation = (tensors.pop(name) for name in NORMALISATION)
    velocity = tensors.pop(VELOCITY, None)
    return Checkpoint(
        run=str(about["run"]),
        timeline=timeline,
        state=State(updates, seconds, tensors, velocity),
        mean=mean,
        deviation=deviation,
    )


def expected(experiment: Experiment) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return dtype and shape of every tensor in a checkpoint of these settings.

    Raises:
        SettingError: if the architecture is impossible.
    """
    layers, _ = layers_of(experiment.architecture)
    shapes = Network.tensor_shapes(layers)
    length = (Network.parameter_count(layers),)
    image = (3,) if experiment.normalisation == "channel" else (32, 32, 3)
    return {
        **{name: (experiment.dtype, shape) for name, shape in shapes.items()},
        **dict.fromkeys(NORMALISATION, ("float64", image)),
        **({VELOCITY: (experiment.dtype, length)} if experiment.momentum else {}),
    }


def _header(file: BinaryIO, path: Path) -> dict[str, Any]:
    size = file.seek(0, 2)
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(MAX_HEADER, size - 8):
        raise _damaged(path, "its header is cut off or too large")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError):
        raise _damaged(path, "its header cannot be read") from None
    if not isinstance(header, dict):
        raise _damaged(path, "its header cannot be read")
    return header


def _texts(about: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in about.values())


def _verify(file: BinaryIO, about: dict[str, Any]) -> None:
    """Check the file against its checksum, block by block."""
    digest = about.get("sha256")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("it has no checksum")
    file.seek(0)
    head = file.read(8 + MAX_HEADER)
    found = hashlib.sha256(head.replace(digest.encode(), _ZEROS.encode(), 1))
    while block := file.read(1 << 20):
        found.update(block)
    if found.hexdigest() != digest:
        raise ValueError("its checksum does not fit")


def _about(about: dict[str, Any]) -> tuple[Timeline, int, float]:
    try:
        experiment = Experiment.from_toml(about["settings"])
        edits = tuple(Edit(int(update), changes) for update, changes in json.loads(about["edits"]))
        timeline = Timeline.of(experiment, edits)
    except SettingError as error:
        raise ValueError(f"its settings cannot be: {error}") from None
    updates, seconds = int(about["updates"]), float(about["seconds"])
    if not (0 <= updates <= timeline.updates and seconds >= 0):
        raise ValueError("it was written in the middle of nowhere")
    return timeline, updates, seconds


def _check(header: dict[str, Any], experiment: Experiment) -> None:
    """Check the dtype and shape of every tensor against the settings."""
    try:
        wanted = expected(experiment)
    except SettingError as error:
        raise ValueError(f"its settings cannot be: {error}") from None
    found = {
        name: (_TYPES.get(entry["dtype"]), tuple(entry["shape"])) for name, entry in header.items()
    }
    if found != wanted:
        raise ValueError("its tensors are not those of its settings")


def _damaged(path: Path, what: str) -> DamagedError:
    # The content of the file may be anything, of any length.
    return DamagedError(f"{path} cannot be used: {visible(what[:MOST_WORDS])}")
