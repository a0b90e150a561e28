"""Checkpoints: weights on disk, with everything that is needed to continue training.

A checkpoint is one safetensors file. It contains the tensors of the network by name, including
running statistics, the normalisation of its inputs, and the vectors that its optimiser keeps. The
header contains the settings, the edits, the progress of the run, and a SHA-256 of the whole file,
computed with zeros in place of the digest, so that a changed bit is detected anywhere in the file.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from core.plan import optimiser_rule
from core.settings import SettingError
from core.text_out import visible
from core.training.state import State
from core.training.timeline import Edit, Timeline

SUFFIX = ".safetensors"
MAX_HEADER = 1_000_000
"""Maximum bytes of a header; the names, shapes and settings of a network take a few thousand."""
MAX_MESSAGE = 300
"""Maximum length, in characters, of the reason in an error message."""
FORMAT = "convsole-1"
NORMALISATION = ("normalisation.mean", "normalisation.deviation")
OPTIMISER = "optimiser."
"""Beginning of the names of the optimiser's vectors, such as `optimiser.velocity`."""
_ZEROS = "0" * 64
_TYPES = {"F32": "float32", "F64": "float64"}

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Heading:
    """What a checkpoint says of itself before its tensors."""

    run: str
    """The run's id when the checkpoint was written."""
    timeline: Timeline
    updates: int
    """Number of completed updates."""
    seconds: float
    data_hash: str | None
    """`Dataset.hash` of the data that it was trained on; None for those of earlier versions."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run between two updates, and the normalisation of its inputs."""

    run: str
    """The run's id when the checkpoint was written."""
    timeline: Timeline
    state: State
    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]
    data_hash: str | None = None
    """`Dataset.hash` of the data that it was trained on; None for those of earlier versions."""

    def leads_to(self, recorded: int, timeline: Timeline) -> bool:
        """Return whether the recorded points of the run continue from this state.

        They do not if the run was resumed from an earlier state and then edited.

        Args:
            recorded: number of recorded updates.
            timeline: settings of the run with all of its edits.
        """
        return leads_to(self.timeline, self.state.updates, recorded, timeline)


def leads_to(origin: Timeline, done: int, recorded: int, timeline: Timeline) -> bool:
    """Return what `Checkpoint.leads_to` does, for `done` updates with the settings of `origin`."""
    return done <= recorded and origin.same_until(done, timeline)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint atomically.

    Raises:
        OSError: if it cannot be written.
    """
    from safetensors.numpy import save

    timeline, state = checkpoint.timeline, checkpoint.state
    tensors: dict[str, npt.NDArray[Any]] = {
        **state.tensors,
        **{OPTIMISER + name: vector for name, vector in state.optimiser.items()},
        NORMALISATION[0]: checkpoint.mean,
        NORMALISATION[1]: checkpoint.deviation,
    }
    metadata = {
        "format": FORMAT,
        "run": checkpoint.run,
        "settings": timeline.experiment.to_toml(),
        "edits": json.dumps([[edit.update, dict(edit.changes)] for edit in timeline.edits]),
        "updates": str(state.updates),
        "seconds": repr(state.seconds),
        **({"data": checkpoint.data_hash} if checkpoint.data_hash else {}),
        "sha256": _ZEROS,
    }
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    content = save(contiguous, metadata=metadata)
    digest = hashlib.sha256(content).hexdigest()
    field = b'"sha256":"%s"'
    files.write(path, content.replace(field % _ZEROS.encode(), field % digest.encode(), 1))


def load_checkpoint(path: Path) -> Checkpoint:
    """Load a checkpoint from an untrusted source.

    The size and the checksum of the file, and the dtypes and shapes that its settings require, are
    verified before any tensor is used.

    Raises:
        DamagedError: if it is not a complete, valid checkpoint; the message is one sentence.
        OSError: if it cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    with files.opened(path) as file:
        header = _header(file, path)
        with _faults(path):
            metadata = _metadata(header)
            _verify_checksum(file, metadata)
            heading = _heading(metadata)
            _check_tensors(header, heading.timeline.experiment)
    try:
        with safe_open(path, "numpy") as opened:
            tensors = {name: opened.get_tensor(name) for name in header}
    except SafetensorError as error:
        raise _damaged(path, str(error)) from None
    mean, deviation = (tensors.pop(name) for name in NORMALISATION)
    optimiser = {
        name.removeprefix(OPTIMISER): tensors.pop(name)
        for name in tuple(tensors)
        if name.startswith(OPTIMISER)
    }
    return Checkpoint(
        run=heading.run,
        timeline=heading.timeline,
        state=State(heading.updates, heading.seconds, tensors, optimiser),
        mean=mean,
        deviation=deviation,
        data_hash=heading.data_hash,
    )


def read_heading(path: Path) -> Heading:
    """Read the heading of a checkpoint from an untrusted source, and nothing behind it.

    Damage elsewhere in the file is not noticed; `load_checkpoint` notices it.

    Raises:
        DamagedError: if it is no checkpoint; the message is one sentence.
        OSError: if it cannot be read.
    """
    with files.opened(path) as file:
        header = _header(file, path)
    with _faults(path):
        return _heading(_metadata(header))


def expected(experiment: Experiment) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return the dtype and shape of every tensor in a checkpoint with these settings.

    Raises:
        SettingError: if the architecture is impossible.
    """
    layers, _ = layers_of(experiment)
    shapes = Network.tensor_shapes(layers)
    length, vectors = (Network.parameter_count(layers),), optimiser_rule(experiment).state
    shape = experiment.data.shape
    image = shape[-1:] if experiment.normalisation == "channel" else shape
    return {
        **{name: (experiment.dtype, shape) for name, shape in shapes.items()},
        **dict.fromkeys(NORMALISATION, ("float64", image)),
        **{OPTIMISER + name: (experiment.dtype, length) for name in vectors},
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


def _metadata(header: dict[str, Any]) -> dict[str, str]:
    """Remove and return what a header has besides the descriptions of tensors."""
    metadata = header.pop("__metadata__", None)
    if (
        not isinstance(metadata, dict)
        or not all(isinstance(value, str) for value in metadata.values())
        or metadata.get("format") != FORMAT
    ):
        raise ValueError("it is no checkpoint of this version of Convsole")
    return metadata


def _verify_checksum(file: BinaryIO, metadata: dict[str, str]) -> None:
    """Verify the checksum of the file, reading it block by block."""
    digest = metadata.get("sha256")
    if digest is None or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("it has no checksum")
    file.seek(0)
    head = file.read(8 + MAX_HEADER)
    actual = hashlib.sha256(head.replace(digest.encode(), _ZEROS.encode(), 1))
    while block := file.read(1 << 20):
        actual.update(block)
    if actual.hexdigest() != digest:
        raise ValueError("its checksum does not fit")


def _heading(metadata: dict[str, str]) -> Heading:
    try:
        experiment = Experiment.from_toml(metadata["settings"])
        edits = tuple(
            Edit(int(update), changes) for update, changes in json.loads(metadata["edits"])
        )
        timeline = Timeline.of(experiment, edits)
    except SettingError as error:
        raise ValueError(f"its settings cannot be: {error}") from None
    updates, seconds = int(metadata["updates"]), float(metadata["seconds"])
    if not (0 <= updates <= timeline.updates and seconds >= 0):
        raise ValueError("it was written in the middle of nowhere")
    return Heading(metadata["run"], timeline, updates, seconds, metadata.get("data"))


def _check_tensors(header: dict[str, Any], experiment: Experiment) -> None:
    """Check the dtype and shape of every tensor against the settings."""
    try:
        wanted = expected(experiment)
    except SettingError as error:
        raise ValueError(f"its settings cannot be: {error}") from None
    actual = {
        name: (_TYPES.get(entry["dtype"]), tuple(entry["shape"])) for name, entry in header.items()
    }
    if actual != wanted:
        raise ValueError("its tensors are not those of its settings")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Raise what is wrong in a header as a `DamagedError`."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise _damaged(path, str(error)) from None


def _damaged(path: Path, what: str) -> DamagedError:
    # `what` may quote the file, whose content is arbitrary.
    return DamagedError(f"{path} cannot be used: {visible(what[:MAX_MESSAGE])}")
