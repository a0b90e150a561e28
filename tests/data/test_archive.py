import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data import archive
from core.data.dataset import DataError
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS

MEMBERS = fakes.data_members(BINARY)
GOOD = fakes.tar_bytes(MEMBERS)
FIRST = MEMBERS[0][0].name


def read(path: Path, blob: bytes) -> dict[str, bytes]:
    path.write_bytes(blob)
    return {name: content for _, name, content in archive.members(path, LAYOUTS)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.tar.gz"


def test_a_good_one(path: Path) -> None:
    assert read(path, GOOD) == fakes.files(BINARY)


@pytest.mark.parametrize(
    "name",
    ["../outside", f"{BINARY.folder}/../../outside", "/etc/passwd", f"/{FIRST}", "./../outside"],
)
def test_a_path_that_leads_out_is_refused(path: Path, name: str) -> None:
    with pytest.raises(DataError, match="which leads out of its folder"):
        read(path, fakes.tar_bytes([fakes.member(name, b"x"), *MEMBERS]))
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.CONTTYPE]
)
def test_links_and_devices_are_refused(path: Path, kind: bytes) -> None:
    special = fakes.member(FIRST, b"", type=kind, linkname="/etc/passwd")
    with pytest.raises(DataError, match="which is not a regular file"):
        read(path, fakes.tar_bytes([special]))


def test_a_sparse_file_is_refused(path: Path) -> None:
    info, data = fakes.member(FIRST, MEMBERS[0][1])
    info.pax_headers = {"GNU.sparse.map": "0,12292", "GNU.sparse.size": "12292"}
    with pytest.raises(DataError, match="which is not a regular file"):
        read(path, fakes.tar_bytes([(info, data)]))


@pytest.mark.parametrize("data", [MEMBERS[0][1][:-1], MEMBERS[0][1] + b"x", b""])
def test_a_wrong_size_is_refused(path: Path, data: bytes) -> None:
    message = rf"data_batch_1.bin in .* has {len(data):,} bytes instead of 12,292"
    with pytest.raises(DataError, match=message):
        read(path, fakes.tar_bytes([fakes.member(FIRST, data)]))


def test_files_elsewhere_are_not_taken(path: Path) -> None:
    stray = [fakes.member("other/data_batch_1.bin", b"x"), fakes.member("data_batch_1.bin", b"x")]
    assert read(path, fakes.tar_bytes(stray)) == {}


def bomb(name: str, size: int) -> bytes:
    """A file of zeros, which compresses to a thousandth of its size."""
    info = tarfile.TarInfo(name)
    info.size = size
    packed = io.BytesIO()
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(size // 1_000_000):
            file.write(bytes(1_000_000))
    return packed.getvalue()


@pytest.mark.parametrize("name", ["notes", f"{BINARY.folder}/readme.html"])
def test_a_bomb_is_left_early(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    plain_read = gzip.GzipFile.read

    def counting(self: gzip.GzipFile, size: int | None = -1) -> bytes:
        nonlocal unpacked
        piece = plain_read(self, size)
        unpacked += len(piece)
        return piece

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    with pytest.raises(DataError, match="holds more than CIFAR-10"):
        read(path, bomb(name, 20_000_000))
    assert unpacked < 1_000_000


def test_a_bomb_in_a_header_is_left_early(path: Path) -> None:
    info = fakes.member("name", b"")[0]
    info.pax_headers = {"comment": "x" * 20_000_000}
    with pytest.raises(DataError, match="holds more than CIFAR-10"):
        read(path, fakes.tar_bytes([(info, b"")]))


def test_a_bomb_after_the_end_is_left_early(path: Path) -> None:
    with pytest.raises(DataError, match="holds more than CIFAR-10"):
        read(path, GOOD + gzip.compress(bytes(20_000_000)))


def test_headers_upon_headers(path: Path) -> None:
    plain = io.BytesIO()
    header = tarfile.TarInfo("x")
    header.type = tarfile.GNUTYPE_LONGNAME
    header.size = 1
    for _ in range(5000):
        plain.write(header.tobuf(tarfile.GNU_FORMAT) + bytes(512))
    with pytest.raises(DataError):
        read(path, gzip.compress(plain.getvalue()))


@pytest.mark.parametrize(
    "blob", [b"", b"\x1f\x8b", b"not an archive", gzip.compress(b"no tar", mtime=0)]
)
def test_something_else_is_refused(path: Path, blob: bytes) -> None:
    with pytest.raises(DataError, match=r"is not a sound \.tar\.gz"):
        read(path, blob)


@pytest.mark.parametrize("left", [10, 1000, len(GOOD) // 2, len(GOOD) - 1000, len(GOOD) - 1])
def test_a_truncated_archive_is_refused(path: Path, left: int) -> None:
    with pytest.raises(DataError, match=r"is not a sound \.tar\.gz"):
        read(path, GOOD[:left])


def test_a_wrong_checksum_is_refused(path: Path) -> None:
    with pytest.raises(DataError, match="CRC"):
        read(path, GOOD[:-8] + b"abcd" + GOOD[-4:])


def test_damaged_compression_is_refused(path: Path) -> None:
    with pytest.raises(DataError, match="decompressing data"):
        read(path, GOOD[:10] + b"\xff" * 20 + GOOD[30:])


def test_a_header_that_makes_no_sense_is_refused(path: Path) -> None:
    info, data = fakes.member(FIRST, MEMBERS[0][1])
    info.pax_headers = {"GNU.sparse.map": "here,there", "GNU.sparse.size": "12292"}
    with pytest.raises(DataError, match=r"is not a sound \.tar\.gz"):
        read(path, fakes.tar_bytes([(info, data)]))


PLAIN = gzip.decompress(GOOD)
HEADERS = [at for at in range(0, len(PLAIN), 512) if PLAIN[at + 257 : at + 262] == b"ustar"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(HEADERS), st.integers(0, 511), st.integers(0, 255)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_damaged_headers(path: Path, changes: list[tuple[int, int, int]], mend: bool) -> None:
    blob = bytearray(PLAIN)
    for header, at, value in changes:
        blob[header + at] = value
        if mend:  # so that the change is not rejected for its checksum alone
            blob[header + 148 : header + 156] = b" " * 8
            total = sum(blob[header : header + 512])
            blob[header + 148 : header + 156] = b"%06o\0 " % total
    expect_data_or_one_error(path, gzip.compress(bytes(blob), 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_damaged_bytes(path: Path, at: int, value: int) -> None:
    expect_data_or_one_error(path, GOOD[:at] + bytes([value]) + GOOD[at + 1 :])


def expect_data_or_one_error(path: Path, blob: bytes) -> None:
    try:
        found = read(path, blob)
    except DataError:
        return
    assert all(len(content) == BINARY.largest for content in found.values())
