import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.data import cifar10
from core.data.dataset import DataError, Dataset
from core.data.layout import CLASSES, Layout, binary_layout, python_layout
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS, PYTHON

REAL = os.environ.get("CONVSOLE_TEST_CIFAR10")


def load(path: Path, validation_size: int = 3) -> Dataset:
    return cifar10.load(path, validation_size, LAYOUTS)


def write(parent: Path, layout: Layout, form: str, seed: int = 0) -> Path:
    if form == "folder":
        return fakes.write_folder(parent, layout, seed)
    path = parent / layout.archive
    path.write_bytes(fakes.archive_bytes(layout, seed))
    return path


def check(data: Dataset) -> None:
    """The images are those of `fakes.contents`, pixel by pixel."""
    parts = fakes.contents()
    labels = np.concatenate([labels for labels, _ in parts[:5]])
    planes = np.concatenate([planes for _, planes in parts[:5]])
    both = (data.train, data.validation)
    np.testing.assert_array_equal(np.concatenate([split.labels for split in both]), labels)
    images = np.concatenate([split.images for split in both])
    for channel in range(3):
        plane = planes[:, channel * 1024 : (channel + 1) * 1024].reshape(-1, 32, 32)
        np.testing.assert_array_equal(images[..., channel], plane)
    np.testing.assert_array_equal(data.test.labels, parts[5][0])
    red = parts[5][1][:, :1024].reshape(-1, 32, 32)
    np.testing.assert_array_equal(data.test.images[..., 0], red)
    for split in (*both, data.test):
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int64
        assert split.images.flags.c_contiguous


@pytest.mark.parametrize("layout", LAYOUTS, ids=["binary", "python"])
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_every_form_gives_the_same_images(tmp_path: Path, layout: Layout, form: str) -> None:
    path = write(tmp_path, layout, form)
    data = load(path)
    check(data)
    assert (len(data.train), len(data.validation), len(data.test)) == (17, 3, 4)
    assert (data.name, data.source, data.classes) == ("cifar10", str(path), CLASSES)


def test_a_folder_whose_name_is_no_utf_8(tmp_path: Path) -> None:
    folder = write(tmp_path / os.fsdecode(b"caf\xe9\x1b"), BINARY, "folder")
    assert load(folder).source == f"{tmp_path}/caf\\xe9\\x1b/{BINARY.folder}"


def test_the_splits_share_one_array(tmp_path: Path) -> None:
    data = load(write(tmp_path, BINARY, "folder"))
    assert data.train.images.base is data.validation.images.base is not None


def test_no_validation_set(tmp_path: Path) -> None:
    data = load(write(tmp_path, BINARY, "folder"), 0)
    assert (len(data.train), len(data.validation)) == (20, 0)


def test_an_archive_may_have_any_order_name_and_extras(tmp_path: Path) -> None:
    members = fakes.data_members(BINARY)[::-1]
    extra = [
        fakes.member(f"./{BINARY.folder}/readme.html", b"hello"),
        fakes.member(f"{BINARY.folder}/batches.meta.txt", b"airplane\n"),
    ]
    for info, _ in members:
        info.name = f"./{info.name}"
        info.pax_headers = {"mtime": "1234.5"}
    path = tmp_path / "renamed.tgz"
    path.write_bytes(fakes.tar_bytes(extra + members))
    check(load(path))


def test_pickles_of_newer_pythons(tmp_path: Path) -> None:
    folder = tmp_path / PYTHON.folder
    folder.mkdir()
    for name, (labels, planes) in zip(PYTHON.files, fakes.contents(), strict=True):
        (folder / name).write_bytes(pickle.dumps(fakes.batch(labels, planes), protocol=4))
    check(load(folder))


def test_pixels_stored_by_column(tmp_path: Path) -> None:
    folder = tmp_path / PYTHON.folder
    folder.mkdir()
    for name, (labels, planes) in zip(PYTHON.files, fakes.contents(), strict=True):
        blob = fakes.python2_pickle(fakes.batch(labels, np.asfortranarray(planes)))
        (folder / name).write_bytes(blob)
    check(load(folder))


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_find_looks_in_and_at_a_path(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, PYTHON, form)
    assert cifar10.find(tmp_path, LAYOUTS) == path
    assert cifar10.find(path, LAYOUTS) == path


def test_find_prefers_whole_folders_then_archives_then_what_is_incomplete(tmp_path: Path) -> None:
    binary = write(tmp_path, BINARY, "folder")
    (binary / BINARY.test).unlink()
    assert cifar10.find(tmp_path, LAYOUTS) == binary
    archive = write(tmp_path, PYTHON, "archive")
    assert cifar10.find(tmp_path, LAYOUTS) == archive
    folder = write(tmp_path, PYTHON, "folder")
    assert cifar10.find(tmp_path, LAYOUTS) == folder


def test_a_folder_may_have_another_name(tmp_path: Path) -> None:
    folder = write(tmp_path, BINARY, "folder").rename(tmp_path / "images")
    assert cifar10.find(folder, LAYOUTS) == folder
    check(load(folder))


def test_without_a_path_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path))
    assert cifar10.find(None, LAYOUTS) is None
    path = write(tmp_path / "data", BINARY, "folder")
    assert cifar10.find(None, LAYOUTS) == path


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no CIFAR-10 in .*cifar-10-batches-bin.*data fetch"):
        load(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_a_missing_file_is_named(tmp_path: Path, form: str) -> None:
    if form == "folder":
        path = write(tmp_path, BINARY, form)
        (path / "data_batch_3.bin").unlink()
    else:
        path = tmp_path / BINARY.archive
        members = fakes.data_members(BINARY)
        path.write_bytes(fakes.tar_bytes(members[:2] + members[3:]))
    with pytest.raises(DataError, match=r"data_batch_3\.bin is missing.*data fetch"):
        load(path)


def test_a_file_twice_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / BINARY.archive
    path.write_bytes(fakes.tar_bytes(fakes.data_members(BINARY) * 2))
    with pytest.raises(DataError, match=r"data_batch_1\.bin in .* is there twice"):
        load(path)


@pytest.mark.parametrize(("change", "size"), [(-1, "12,291"), (1, "12,293")])
def test_a_wrong_size_is_named(tmp_path: Path, change: int, size: str) -> None:
    path = write(tmp_path, BINARY, "folder")
    data = (path / "data_batch_2.bin").read_bytes() + b"\0"
    (path / "data_batch_2.bin").write_bytes(data[: len(data) - 1 + change])
    with pytest.raises(DataError, match=rf"data_batch_2\.bin has {size} bytes instead of 12,292"):
        load(path)


def test_a_large_pickle_is_not_even_read(tmp_path: Path) -> None:
    path = write(tmp_path, PYTHON, "folder")
    with (path / "data_batch_1").open("r+b") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(DataError, match="data_batch_1 has 1,099,511,627,776 bytes"):
        load(path)


def test_a_wrong_label_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, BINARY, "folder")
    data = bytearray((path / "test_batch.bin").read_bytes())
    data[3073] = 10
    (path / "test_batch.bin").write_bytes(data)
    with pytest.raises(DataError, match=r"test_batch\.bin has the label 10; labels are 0 to 9"):
        load(path)


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, BINARY, "folder")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"cannot read .*data_batch_1\.bin: Permission denied"):
        load(path)


def test_a_pipe_is_no_data_file(tmp_path: Path) -> None:
    path = write(tmp_path, BINARY, "folder")
    (path / "test_batch.bin").unlink()
    os.mkfifo(path / "test_batch.bin")
    with pytest.raises(DataError, match=r"test_batch\.bin is missing"):
        load(path)


def test_a_full_size_layout_is_the_published_one() -> None:
    assert binary_layout().smallest == binary_layout().largest == 30_730_000
    # Bytes of the official files.
    for size in (31_035_704, 31_035_320, 31_035_999, 31_035_696, 31_035_623, 31_035_526):
        python_layout().check_size(size, "")


@pytest.mark.skipif(REAL is None, reason="CONVSOLE_TEST_CIFAR10 names no folder with CIFAR-10")
def test_real_cifar10() -> None:
    assert REAL is not None
    data = cifar10.load(Path(REAL), 1000)
    assert (len(data.train), len(data.validation), len(data.test)) == (49_000, 1000, 10_000)
    every = np.concatenate([data.train.labels, data.validation.labels])
    np.testing.assert_array_equal(np.bincount(every), np.full(10, 5000))
    np.testing.assert_array_equal(np.bincount(data.test.labels), np.full(10, 1000))
    # Neighbouring pixels of a photograph are alike; with the planes mixed up they are not.
    sample = data.train.images[:500].astype(float)
    assert np.abs(np.diff(sample, axis=1)).mean() < 20
    assert np.abs(np.diff(sample, axis=2)).mean() < 20
    # The published means of red, green and blue.
    np.testing.assert_allclose(
        data.train.images.mean(axis=(0, 1, 2)), [125.3, 123.0, 113.9], atol=0.5
    )


@pytest.mark.parametrize("size", [-1, 50_000, 50_001, 10**11])
def test_a_validation_set_that_leaves_no_training_images_is_refused(size: int) -> None:
    images, labels = np.zeros((60_000, 1), np.uint8), np.zeros(60_000, np.int64)
    with pytest.raises(DataError, match="does not fit the 50,000 training images"):
        cifar10.split(images, labels, 50_000, "here", size)
