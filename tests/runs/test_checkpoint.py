"""A checkpoint is loaded as it was saved, or refused."""

import dataclasses
import json
import os
import resource
import shutil
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from core import files
from core.data.dataset import Dataset
from core.errors import DamagedError
from core.runs import checkpoint
from core.runs.checkpoint import Checkpoint, load_checkpoint, read_heading, save_checkpoint
from core.runs.folder import RunFolder
from core.training.state import State
from core.training.timeline import Edit, Timeline
from tests.runs import made

ANY_NUMBER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)


@pytest.fixture(scope="module")
def kept(small: Dataset) -> Checkpoint:
    found = made.checkpoint(small)
    timeline = Timeline.of(found.timeline.experiment, (Edit(3, {"eta_max": 0.05}),))
    return dataclasses.replace(found, timeline=timeline)


@pytest.fixture
def path(kept: Checkpoint, tmp_path: Path) -> Path:
    file = tmp_path / "a.safetensors"
    save_checkpoint(file, kept)
    return file


VELOCITY = "optimiser.velocity"


def same(a: Checkpoint, b: Checkpoint) -> bool:
    return (
        (a.run, a.timeline, a.state.updates, a.state.seconds)
        == (b.run, b.timeline, b.state.updates, b.state.seconds)
        and a.mean.tobytes() == b.mean.tobytes()
        and a.deviation.tobytes() == b.deviation.tobytes()
        and {n: (v.dtype, v.shape, v.tobytes()) for n, v in a.state.tensors.items()}
        == {n: (v.dtype, v.shape, v.tobytes()) for n, v in b.state.tensors.items()}
        and {n: (v.dtype, v.tobytes()) for n, v in a.state.optimiser.items()}
        == {n: (v.dtype, v.tobytes()) for n, v in b.state.optimiser.items()}
    )


def refused(path: Path) -> str:
    with pytest.raises(DamagedError) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert message.startswith(f"{path} cannot be used: ")
    assert "\n" not in message
    with suppress(DamagedError):  # damage behind it is not noticed, but nothing else is raised
        read_heading(path)
    return message


def test_its_heading_is_read_without_the_rest(path: Path, kept: Checkpoint) -> None:
    expected = ("mine-1", kept.timeline, 8, kept.state.seconds)
    for content in (path.read_bytes(), path.read_bytes()[:-100]):
        path.write_bytes(content)
        found = read_heading(path)
        assert (found.run, found.timeline, found.updates, found.seconds) == expected
    save_checkpoint(path, dataclasses.replace(kept, data_hash="abc"))
    assert read_heading(path).data_hash == "abc"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DamagedError, match="its header is cut off"):
        read_heading(path)


def test_it_comes_back_as_it_was(path: Path, kept: Checkpoint) -> None:
    assert same(load_checkpoint(path), kept)
    # It is a valid safetensors file.
    assert set(load_file(path)) == {*kept.state.tensors, *checkpoint.NORMALISATION}


@pytest.mark.parametrize(
    "values",
    [
        {"dtype": "float64"},
        {"normalisation": "channel"},
        {"architecture": "4x4/3/6"},
        {"momentum": 0.9},
        {"optimiser": "adamw"},
        made.DEEP,
        {**made.DEEP, "dtype": "float64"},
        {
            "architecture": [
                {"kind": "conv", "filter": 3, "filters": 4, "padding": 1},
                {"kind": "relu"},
                {"kind": "pool"},
                {"kind": "linear", "units": 10},
            ]
        },
    ],
)
def test_so_does_every_network(small: Dataset, tmp_path: Path, values: dict[str, Any]) -> None:
    found = made.checkpoint(small, max_updates=2, **values)
    save_checkpoint(tmp_path / "a", found)
    assert same(load_checkpoint(tmp_path / "a"), found)


def test_statistics_and_velocity_have_their_names_and_shapes(
    small: Dataset, tmp_path: Path
) -> None:
    found = made.checkpoint(small, max_updates=3, **made.DEEP)
    save_checkpoint(tmp_path / "a", found)
    tensors = load_file(tmp_path / "a")
    learned = [
        "conv1.weight", "batchnorm1.gamma", "batchnorm1.beta", "batchnorm1.mean",
        "batchnorm1.variance", "linear1.weight", "linear1.bias",
    ]  # fmt: skip
    assert set(tensors) == {*learned, *checkpoint.NORMALISATION, VELOCITY}
    assert tensors["batchnorm1.mean"].shape == tensors["batchnorm1.variance"].shape == (3,)
    assert np.all(tensors["batchnorm1.mean"] != 0)
    assert tensors[VELOCITY].shape == (4 * 4 * 3 * 3 + 3 + 3 + 3 * 10 + 10,)
    assert tensors[VELOCITY].any()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("batchnorm1.mean", None),
        ("batchnorm1.variance", (4,)),
        (VELOCITY, None),
        (VELOCITY, (5,)),
        ("batchnorm2.mean", (3,)),
    ],
)
def test_a_state_of_another_shape_is_refused(
    small: Dataset, tmp_path: Path, name: str, shape: tuple[int, ...] | None
) -> None:
    found, path = made.checkpoint(small, max_updates=1, **made.DEEP), tmp_path / "a"
    tensors, optimiser = dict(found.state.tensors), dict(found.state.optimiser)
    vectors, key = (optimiser, "velocity") if name == VELOCITY else (tensors, name)
    if shape is None:
        del vectors[key]
    else:
        vectors[key] = np.zeros(shape, np.float32)
    state = dataclasses.replace(found.state, tensors=tensors, optimiser=optimiser)
    save_checkpoint(path, dataclasses.replace(found, state=state))
    assert "its tensors are not those of its settings" in refused(path)


def test_a_checkpoint_from_before_there_was_momentum_still_reads(
    kept: Checkpoint, path: Path
) -> None:
    later = ("momentum", "nesterov", "warmup", "optimiser", "beta1", "beta2", "clip_norm")
    settings = kept.timeline.experiment.to_toml().splitlines()
    older = "\n".join(line for line in settings if line.partition(" ")[0] not in later)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(kept.timeline.experiment), "to_toml", lambda self: older)
        save_checkpoint(path, kept)
    assert b"momentum" not in path.read_bytes()
    assert same(load_checkpoint(path), kept)


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@ANY_NUMBER
def test_one_bit_that_changed_is_noticed(path: Path, where: float, bit: int) -> None:
    content = path.read_bytes()
    place = int(where * len(content))
    spoiled = bytearray(content)
    spoiled[place] ^= 1 << bit
    other = path.with_name("spoiled")
    other.write_bytes(spoiled)
    refused(other)


def test_every_bit_of_the_header_counts(path: Path, kept: Checkpoint) -> None:
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    other = path.with_name("spoiled")
    for place in range(end):
        spoiled = bytearray(content)
        spoiled[place] ^= 1 << place % 8
        other.write_bytes(spoiled)
        refused(other)


def test_a_file_that_is_cut_off_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    cuts = {*range(header + 2), *range(len(content) - 64, len(content))}
    cuts |= {int(cut) for cut in np.linspace(header, len(content) - 1, 200)}
    other = path.with_name("cut")
    for cut in sorted(cuts):
        other.write_bytes(content[:cut])
        refused(other)
    other.write_bytes(content + b"\0")
    refused(other)


def hostile(about: dict[str, Any], tensors: dict[str, Any], data: bytes, fill: int = 0) -> bytes:
    header = json.dumps({"__metadata__": about, **tensors}).encode()
    return struct.pack("<Q", len(header) + fill) + header + b" " * fill + data


HUGE = 2**63 - 1
HEADERS = {
    "nothing": b"",
    "length of everything": struct.pack("<Q", 2**64 - 1) + b"{}",
    "length of a gigabyte": struct.pack("<Q", 2**30) + b"{}",
    "no JSON": struct.pack("<Q", 4) + b"{{{{",
    "a list": struct.pack("<Q", 2) + b"[]",
    "a number of many digits": struct.pack("<Q", 5002) + b"[" + b"9" * 5000 + b"]",
    "deep": struct.pack("<Q", 200_000) + b"[" * 200_000,
    "deep objects": struct.pack("<Q", 500_000) + b'{"a":' * 100_000,
    "not text": struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc",
    "no settings": hostile({"format": checkpoint.FORMAT}, {}, b""),
    "metadata that is no table": hostile([], {}, b""),  # type: ignore[arg-type]
    "another format": hostile({"format": "other"}, {}, b""),
}


@pytest.mark.parametrize("what", HEADERS)
def test_hostile_headers_are_refused(what: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(HEADERS[what])
    refused(file)


def signed(content: bytes) -> bytes:
    """Return the content with a valid checksum, as an attacker would."""
    import hashlib

    zeros = b"0" * 64
    assert zeros in content
    return content.replace(zeros, hashlib.sha256(content).hexdigest().encode(), 1)


def about(kept: Checkpoint, **changes: str) -> dict[str, str]:
    return {
        "format": checkpoint.FORMAT,
        "run": "x",
        "settings": kept.timeline.experiment.to_toml(),
        "edits": "[]",
        "updates": "8",
        "seconds": "1.0",
        "sha256": "0" * 64,
        **changes,
    }


def tensors(kept: Checkpoint) -> dict[str, Any]:
    return {
        **kept.state.tensors,
        "normalisation.mean": kept.mean,
        "normalisation.deviation": kept.deviation,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"updates": "9"},
        {"updates": "-1"},
        {"updates": "9" * 5000},
        {"seconds": "nan"},
        {"seconds": "x"},
        {"edits": "[[1, {}"},
        {"edits": '[[1, {"seed": 5}]]'},
        {"edits": '[["x", {"eta_max": 5}]]'},
        {"edits": '{"a": 1}'},
        {"edits": "[" * 100_000},
        {"settings": "x = 1"},
        {"settings": "["},
        {"settings": "architecture = '1x1/100000/100000'"},
        {"settings": "a = " + "[" * 50_000},
        {"sha256": "0" * 63},
    ],
)
def test_headers_with_a_fitting_checksum_are_not_believed(
    kept: Checkpoint, tmp_path: Path, changes: dict[str, str]
) -> None:
    content = save(tensors(kept), metadata=about(kept, **changes))
    file = tmp_path / "file"
    file.write_bytes(content if "sha256" in changes else signed(content))
    refused(file)


@pytest.mark.parametrize("name", ["format", "run", "settings", "edits", "updates", "sha256"])
@pytest.mark.parametrize("value", [None, 5, [], {}, "x" * 100_000])
def test_metadata_of_other_types_is_refused(
    kept: Checkpoint, tmp_path: Path, name: str, value: object
) -> None:
    content = save(tensors(kept), metadata=about(kept))
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"][name] = value
    changed = json.dumps(header).encode()
    file = tmp_path / "file"
    whole = struct.pack("<Q", len(changed)) + changed + content[8 + length :]
    file.write_bytes(whole if name == "sha256" else signed(whole))
    if name == "run" and isinstance(value, str):
        assert load_checkpoint(file).run == value
    else:
        assert len(refused(file)) < 500 + len(str(file))


@pytest.mark.parametrize("what", ["another shape", "one more", "one less", "another type"])
def test_tensors_are_those_of_the_settings(kept: Checkpoint, tmp_path: Path, what: str) -> None:
    changed = tensors(kept)
    if what == "another shape":
        changed["linear1.weight"] = changed["linear1.weight"].T.copy()
    elif what == "one more":
        changed["more"] = np.zeros(3)
    elif what == "one less":
        del changed["linear1.weight"]
    else:
        changed["linear1.weight"] = changed["linear1.weight"].astype(np.float64)
    file = tmp_path / "file"
    file.write_bytes(signed(save(changed, metadata=about(kept))))
    assert "not those of its settings" in refused(file)


@pytest.mark.parametrize(
    "offsets",
    [[0, 4], [4, 4], [-4, 4], [0, HUGE], [HUGE, HUGE], [8, 4], [0, 2**70], [0.5, 1], ["a", "b"]],
)
def test_offsets_are_not_believed(kept: Checkpoint, tmp_path: Path, offsets: list[Any]) -> None:
    content = save(tensors(kept), metadata=about(kept))
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["linear1.weight"]["data_offsets"] = offsets
    changed = json.dumps(header).encode()
    file = tmp_path / "file"
    file.write_bytes(signed(struct.pack("<Q", len(changed)) + changed + content[8 + length :]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@given(st.binary(max_size=300))
@ANY_NUMBER
def test_any_bytes_are_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    refused(file)


# Power failures


def state(kept: Checkpoint, updates: int) -> Checkpoint:
    tensors = {name: value + updates for name, value in kept.state.tensors.items()}
    return dataclasses.replace(kept, state=State(updates, 0.5, tensors))


def test_old_ones_are_removed(kept: Checkpoint, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for updates in (2, 8, 4, 6, 6):
        folder.save_checkpoint(state(kept, updates))
    # The checkpoint after 8 was rejected, or the run would not be at 6: two others remain.
    names = [path.name for path in folder.numbered()]
    assert names == [f"checkpoint-0000000{updates}.safetensors" for updates in (8, 6, 4)]
    folder.save_checkpoint(state(kept, 9))
    assert [path.name[-13] for path in folder.numbered()] == ["9", "8"]


def test_those_that_are_kept_are_not_removed(kept: Checkpoint, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for updates in (2, 4, 6, 8):
        folder.save_kept(state(kept, updates))
        folder.save_checkpoint(state(kept, updates))
    folder.save_checkpoint(state(kept, 9))
    assert [path.name[-13] for path in folder.kept()] == ["8", "6", "4", "2"]
    assert [path.name for path in folder.to_resume()] == [
        "checkpoint-00000009.safetensors",
        "checkpoint-00000008.safetensors",
        *(f"kept-0000000{updates}.safetensors" for updates in (8, 6, 4, 2)),
    ]
    assert same(load_checkpoint(folder.kept()[1]), state(kept, 6))


class Disk:
    """A disk with a power failure: names and contents of files that were not flushed are lost.

    It replaces the functions that `files.write` calls.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.safe: dict[str, bytes] = {}
        """Return the files after a power failure."""
        self.flushed: dict[int, bytes] = {}
        self.moments: list[dict[str, bytes]] = []
        fsync, replace = os.fsync, Path.replace

        def flush(handle: int) -> None:
            fsync(handle)
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if path.is_dir():
                # Names are durable now; the content of each file is the part that was flushed.
                self.safe = {
                    entry.name: self.flushed.get(entry.stat().st_ino, b"")
                    for entry in path.iterdir()
                }
            else:
                self.flushed[path.stat().st_ino] = path.read_bytes()
            self.moments.append(dict(self.safe))

        def rename(path: Path, target: Path) -> Path:
            found = replace(path, target)
            # The worst case: the new name is durable, with only the content that was flushed.
            there = {**self.safe, target.name: self.flushed.get(target.stat().st_ino, b"")}
            self.moments += [dict(self.safe), there]
            return found

        monkeypatch.setattr(os, "fsync", flush)
        monkeypatch.setattr(Path, "replace", rename)


def test_a_power_cut_leaves_a_good_checkpoint(
    kept: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    disk = Disk(folder.path, monkeypatch)
    folder.save_checkpoint(state(kept, 2))
    disk.moments.clear()
    for updates in (4, 6, 8):
        folder.save_checkpoint(state(kept, updates))
    monkeypatch.undo()
    assert len(disk.moments) >= 12
    newest = 0
    for number, moment in enumerate(disk.moments):
        after = RunFolder(tmp_path / f"after-{number}")
        after.path.mkdir()
        for name, content in moment.items():
            (after.path / name).write_bytes(content)
        good = [found for _, found in after.load_checkpoints() if isinstance(found, Checkpoint)]
        assert good
        assert same(good[0], state(kept, good[0].state.updates))
        assert good[0].state.updates >= newest
        newest = good[0].state.updates
    assert newest == 8


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace", "folder"])
def test_a_disk_that_refuses_leaves_the_old_file(
    path: Path, kept: Checkpoint, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = path.read_bytes()

    def refuse(*what: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "open":
            patch.setattr(os, "open", refuse)
        elif step == "write":
            patch.setattr(os, "fdopen", refuse)
        elif step == "fsync":
            patch.setattr(os, "fsync", refuse)
        elif step == "replace":
            patch.setattr(Path, "replace", refuse)
        else:
            patch.setattr(files, "flush_folder", refuse)
        with pytest.raises(OSError, match="No space"):
            save_checkpoint(path, state(kept, 4))
    if step != "folder":
        assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_draft_of_a_killed_process_is_in_nobodys_way(kept: Checkpoint, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.save_checkpoint(state(kept, 4))
    draft = tmp_path / ".checkpoint-00000004.safetensors.draft"
    draft.write_bytes(b"half")
    draft.chmod(0o400)
    assert [path.name for path in folder.numbered()] == ["checkpoint-00000004.safetensors"]
    folder.save_checkpoint(state(kept, 4))
    assert not draft.exists()
    shutil.rmtree(tmp_path)
