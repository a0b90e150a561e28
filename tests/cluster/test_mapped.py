"""Data in a file that processes map into memory."""

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.cluster import mapped
from core.data.dataset import Dataset


def test_a_data_set_comes_back_as_views_that_cannot_be_written(
    small: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "data"
    mapped.write(small, path)
    found = mapped.read(path)
    path.unlink()  # a mapping outlives its name
    gc.collect()
    for (name, split), (_, back) in zip(small.splits, found.splits, strict=True):
        np.testing.assert_array_equal(back.images, split.images, err_msg=name)
        np.testing.assert_array_equal(back.labels, split.labels)
        assert not back.images.flags.owndata
        assert not back.images.flags.writeable
        assert back.images.ctypes.data % mapped.ALIGNED == 0
    assert found.hash == small.hash


@given(st.lists(arrays.arrays(np.int16, st.integers(0, 50)), max_size=4), st.text())
def test_arrays_of_any_lengths(tmp_path_factory: Any, given_arrays: list[Any], text: str) -> None:
    path = tmp_path_factory.mktemp("mapped") / "data"
    mapped.write((given_arrays, text), path)
    found, back = mapped.read(path)
    assert back == text
    for one, other in zip(given_arrays, found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    class Odd:
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise RuntimeError("odd")

    with pytest.raises(RuntimeError, match="odd"):
        mapped.write(Odd(), tmp_path / "data")
    with pytest.raises(OSError, match="No such file"):
        mapped.write(1, tmp_path / "missing" / "data")
    assert list(tmp_path.iterdir()) == []
