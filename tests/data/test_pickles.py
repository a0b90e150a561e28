import os
import pickle
import pickletools
import struct
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import DataError
from core.data.pickles import read_batch
from tests.data import fakes
from tests.data.fakes import IMAGES

LABELS, PLANES = fakes.contents()[0]
GOOD = fakes.python2_pickle(fakes.batch(LABELS, PLANES))


def read(blob: bytes) -> tuple[np.ndarray, np.ndarray]:
    return read_batch(blob, IMAGES, "data_batch_1")


def test_a_good_one() -> None:
    labels, planes = read(GOOD)
    np.testing.assert_array_equal(labels, LABELS)
    np.testing.assert_array_equal(planes, PLANES)


class Runs:
    """Calls a function when it is unpickled without protection."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call


def test_a_command_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    for function, argument in (
        (os.system, f"touch {mark}"),
        (eval, f"open({str(mark)!r}, 'w').close()"),
    ):
        blob = pickle.dumps({b"labels": Runs(function, (argument,))}, protocol=2)
        with pytest.raises(DataError, match=r"data_batch_1 is not a pickle .* it asks for"):
            read(blob)
    assert not mark.exists()
    pickle.loads(blob)  # the pickle works as intended without protection
    assert mark.exists()


@pytest.mark.parametrize(
    "name",
    [
        "numpy.core.multiarray fromfile",
        "numpy load",
        "numpy ndarray.tofile",
        "numpy core",
        "_codecs decode",
        "builtins getattr",
        "core.data.pickles _Array",
    ],
)
def test_nothing_else_is_admitted(name: str) -> None:
    module, function = name.split()
    old = f"c{module}\n{function}\n.".encode()
    new = b"\x80\x04" + b"".join(
        b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, function)
    )
    for blob in (old, new + b"\x93."):
        with pytest.raises(DataError, match=f"asks for '{module}"):
            read(blob)


def test_what_would_take_all_memory_or_crash_is_refused() -> None:
    # A memo table with four billion entries.
    with pytest.raises(DataError, match="does not hold a dictionary"):
        read(b"\x80\x02Nr\xff\xff\xff\xff.")
    # A byte array of a terabyte without contents.
    with pytest.raises(DataError, match="is not a pickle of labels and pixels"):
        read(b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b".")
    # A key whose hash is ninety thousand calls deep.
    with pytest.raises(DataError, match="a key that is no name"):
        read(b"\x80\x02})" + b"\x85" * 90_000 + b"Ns.")
    with pytest.raises(DataError, match="a key that is no name"):
        read(b"\x80\x02}()" + b"\x85" * 90_000 + b"Nu.")
    # The same as the state of a function.
    with pytest.raises(DataError, match="a state to what has none"):
        read(b"\x80\x02cnumpy\ndtype\n}b.")


def test_a_message_cannot_steer_the_terminal() -> None:
    with pytest.raises(DataError) as caught:
        read(b"c\x1b[2J\nname\n.")
    assert str(caught.value).isprintable()


def replaced(**values: Any) -> dict[bytes, Any]:
    return fakes.batch(LABELS, PLANES) | {name.encode(): v for name, v in values.items()}


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([1, 2], "does not hold a dictionary"),
        ({}, "4 labels"),
        (replaced(labels=[1, 2, 3]), "4 labels"),
        (replaced(labels=[1, 2, 3, -1]), "4 labels"),
        (replaced(labels=[1, 2, 3, 1 << 70]), "4 labels"),
        (replaced(labels=[1, 2, 3, None]), "4 labels"),
        (replaced(labels=np.array([1.0, 2.0, 3.0, 4.0])), "4 labels .* but float64 of shape"),
        (replaced(labels=np.array([1, 2, 3, -4])), "4 labels"),
        (replaced(fine_labels=[1, 2, 3, 4]), "is of CIFAR-100"),
        (replaced(data=b"abc"), r"uint8 of shape \(4, 3072\)"),
        (replaced(data=PLANES[:3]), r"uint8 of shape \(4, 3072\)"),
        (replaced(data=PLANES.T), r"uint8 of shape \(4, 3072\)"),
        (replaced(data=PLANES.view(np.int8)), r"uint8 of shape \(4, 3072\)"),
        (replaced(data=PLANES.view("u2")), r"uint8 of shape \(4, 3072\)"),
        (replaced(data=PLANES.astype(object)), r"uint8 of shape \(4, 3072\)"),
    ],
)
def test_other_contents_are_refused(batch: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(fakes.python2_pickle(batch))


@pytest.mark.parametrize(
    "state",
    [
        (1, PLANES.shape, np.dtype("u1"), False, PLANES.tobytes()[1:]),
        (1, PLANES.shape, np.dtype("u1"), False, list(range(PLANES.size))),
        (1, PLANES.shape, b"u1", False, PLANES.tobytes()),
        (1, PLANES.shape, np.dtype("u1"), False),
        (1, [*PLANES.shape], np.dtype("u1"), False, PLANES.tobytes()),
        [1, PLANES.shape, np.dtype("u1"), False, PLANES.tobytes()],
        PLANES.tobytes(),
    ],
)
def test_an_array_that_is_not_what_it_says(state: Any) -> None:
    reconstruct, arguments, _ = PLANES.__reduce__()
    with pytest.raises(DataError, match=r"uint8 of shape \(4, 3072\)"):
        read(fakes.python2_pickle(replaced(data=Runs(reconstruct, arguments, state))))


HEAD = [*range(200), *range(len(GOOD) - 200, len(GOOD))]
"""Offsets at which a changed byte changes the program and not only a pixel."""


@given(
    st.lists(st.tuples(st.sampled_from(HEAD), st.integers(0, 255)), min_size=1, max_size=4),
    st.none() | st.integers(0, len(GOOD)),
)
def test_damage_gives_data_or_one_error(changes: list[tuple[int, int]], cut: int | None) -> None:
    blob = bytearray(GOOD)
    for place, value in changes:
        blob[place] = value
    try:
        labels, planes = read(bytes(blob[:cut]))
    except DataError:
        return
    assert (labels.shape, planes.shape) == ((IMAGES,), (IMAGES, 3072))


@given(st.binary(max_size=60))
def test_noise_gives_one_error(blob: bytes) -> None:
    with pytest.raises(DataError):
        read(b"\x80\x02" + blob)


class Frames:
    """Batches as other programs pickle them: other keys, protocols and containers."""

    keys: ClassVar = {"text": str, "bytes": str.encode}
    labels: ClassVar = {
        "list": lambda labels: labels.tolist(),
        "uint8": lambda labels: labels,
        "int64": lambda labels: labels.astype(np.int64),
        "big-endian": lambda labels: labels.astype(">i4"),
        "numbers of NumPy": lambda labels: list(labels.astype(np.int64)),
        "column": lambda labels: labels.astype(np.int64)[:, None],
    }
    data: ClassVar = {
        "array": lambda planes: planes,
        "by column": np.asfortranarray,
        "int64": lambda planes: planes.astype(np.int64),
        "list of lists": lambda planes: planes.tolist(),
        "list of arrays": list,
        "planes": lambda planes: planes.reshape(-1, 3, 32, 32),
        "pixels": lambda planes: planes.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1),
    }


def again(key: Any, labels: Any, data: Any) -> dict[Any, Any]:
    names = {key("batch_label"): key("x"), key("filenames"): [key("a.png")] * IMAGES}
    return {**names, key("labels"): labels, key("data"): data}


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("key", Frames.keys)
@pytest.mark.parametrize("labels", Frames.labels)
def test_pickled_again_with_any_labels(protocol: int, key: str, labels: str) -> None:
    given = Frames.labels[labels](LABELS)
    found, planes = read(pickle.dumps(again(Frames.keys[key], given, PLANES), protocol))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, LABELS)
    np.testing.assert_array_equal(planes, PLANES)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("data", Frames.data)
def test_pickled_again_with_any_pixels(protocol: int, data: str) -> None:
    given = Frames.data[data](PLANES)
    found, planes = read(pickle.dumps(again(str, LABELS.tolist(), given), protocol))
    assert planes.dtype == np.uint8
    np.testing.assert_array_equal(found, LABELS)
    np.testing.assert_array_equal(planes, PLANES)


def test_names_of_numpy_1_and_2() -> None:
    blob = pickle.dumps(again(str, LABELS.astype(np.int64), PLANES), 5)
    assert b"numpy._core" in blob or b"numpy.core" in blob
    for old, new in ((b"numpy._core.", b"numpy.core."), (b"numpy.core.", b"numpy._core.")):
        plain = pickletools.optimize(blob)  # without frames, whose lengths would differ
        where = [at for at in range(len(plain)) if plain.startswith(old, at)]
        renamed = bytearray(plain)
        for at in reversed(where):
            renamed[at - 1] += len(new) - len(old)
            renamed[at : at + len(old)] = new
        np.testing.assert_array_equal(read(_without_frames(bytes(renamed)))[1], PLANES)


def _without_frames(blob: bytes) -> bytes:
    at = blob.find(pickle.FRAME)
    while at == 2:
        blob = blob[:at] + blob[at + 9 :]
        at = blob.find(pickle.FRAME)
    return blob


def test_the_same_again_and_again_is_not_taken_for_more_than_the_file_holds() -> None:
    for many in ([[1] * 3072] * 5, [[[]] * 10_000] * 10_000, [[[[1]]]]):
        with pytest.raises(DataError, match=r"uint8 of shape \(4, 3072\) but .*lists"):
            read(pickle.dumps(again(str, LABELS.tolist(), many), 4))
    text = b"\x80\x02" + b"c_codecs\nencode\nq\x00" + b"X" + struct.pack("<I", 1000) + b"a" * 1000
    text += b"X\x06\0\0\0latin1\x86q\x01"
    with pytest.raises(DataError, match="makes more than it holds"):
        read(text + b"h\x00h\x01R" * 1000 + b".")


def test_more_than_a_batch_can_be_is_left_early() -> None:
    with pytest.raises(DataError, match="too many instructions"):
        read(b"\x80\x02" + b"]" * 1_000_000 + b".")
    with pytest.raises(DataError, match="too many numbers"):
        read(b"\x80\x02(" + b"K\x01" * 2_000_000 + b".")
