from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from core.data import cifar10
from core.data.dataset import DataError
from core.data.download import fetch
from core.data.unpack import FetchStoppedError
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS
from tests.data.servers import ARCHIVE, HALF, MD5, Server, broken, check, get, names


def test_fetch(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    told: list[tuple[int, int | None]] = []
    path = get(folder, Server(), progress=lambda done, total: told.append((done, total)))
    assert path == folder / BINARY.folder
    check(folder)
    assert len(cifar10.load(path, 5, LAYOUTS).train) == 15
    assert told[0] == (0, len(ARCHIVE))
    assert told[-1] == (len(ARCHIVE), len(ARCHIVE))


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    old = fakes.write_folder(tmp_path, BINARY, seed=1)
    (old / "notes").touch()
    get(tmp_path, Server())
    check(tmp_path)


def test_a_broken_download_goes_on(tmp_path: Path) -> None:
    server = Server()
    broken(tmp_path, server)
    told: list[tuple[int, int | None]] = []
    get(tmp_path, server, progress=lambda done, total: told.append((done, total)))
    assert server.asked[1]["Range"] == f"bytes={HALF}-"
    assert server.asked[1]["If-Range"] == '"one"'
    assert told[0] == (HALF, len(ARCHIVE))
    check(tmp_path)


def test_a_server_without_ranges_starts_again(tmp_path: Path) -> None:
    server = Server(ranges=False)
    broken(tmp_path, server)
    get(tmp_path, server)
    assert "Range" in server.asked[1]
    check(tmp_path)


def test_a_file_that_changed_meanwhile_starts_again(tmp_path: Path) -> None:
    broken(tmp_path, Server(bytes(len(ARCHIVE)), tag='"zero"'))
    get(tmp_path, Server())
    check(tmp_path)


def test_a_range_that_is_not_the_one_asked_for_starts_again(tmp_path: Path) -> None:
    server = Server()
    broken(tmp_path, server)

    def elsewhere(request: httpx.Request) -> httpx.Response:
        response = server(request)
        if response.status_code == 206:
            response.headers["Content-Range"] = f"bytes 0-{len(ARCHIVE) - 1}/{len(ARCHIVE)}"
        return response

    get(tmp_path, elsewhere)
    assert ["Range" in asked for asked in server.asked] == [False, True, False]
    check(tmp_path)


def test_a_part_that_is_too_long_starts_again(tmp_path: Path) -> None:
    (tmp_path / f"{BINARY.archive}.part").write_bytes(ARCHIVE + b"more")
    server = Server()
    get(tmp_path, server)
    assert ["Range" in asked for asked in server.asked] == [True, False]
    check(tmp_path)


def test_without_a_checksum_only_a_known_version_goes_on(tmp_path: Path) -> None:
    # Nothing would detect a mixture of two files.
    server = Server()
    (tmp_path / f"{BINARY.archive}.part").write_bytes(bytes(HALF))
    get(tmp_path, server, md5=None)
    assert "Range" not in server.asked[0]
    check(tmp_path)


def test_another_address_is_not_asked_for_the_version_of_this_one(tmp_path: Path) -> None:
    broken(tmp_path, Server())
    mirror = Server(tag='"other"')
    get(tmp_path, mirror, url="https://example.com/mirror.tar.gz")
    assert "If-Range" not in mirror.asked[0]
    assert "Range" in mirror.asked[0]
    check(tmp_path)


@pytest.mark.parametrize("note", ["", "[]", "{", '{"url": 3}', "\0"])
def test_a_spoiled_note_does_no_harm(tmp_path: Path, note: str) -> None:
    broken(tmp_path, Server())
    (tmp_path / f"{BINARY.archive}.part.json").write_text(note)
    get(tmp_path, Server())
    check(tmp_path)


def test_a_weak_tag_is_no_version(tmp_path: Path) -> None:
    server = Server(tag='W/"weak"')
    broken(tmp_path, server)
    get(tmp_path, server)
    assert "If-Range" not in server.asked[1]
    check(tmp_path)


def test_without_a_checksum_the_structure_decides(tmp_path: Path) -> None:
    get(tmp_path, Server(fakes.archive_bytes(BINARY, seed=1)), md5=None)
    assert len(cifar10.load(tmp_path, 5, LAYOUTS).train) == 15


def test_an_archive_that_is_there_already_is_unpacked_and_kept(tmp_path: Path) -> None:
    (tmp_path / BINARY.archive).write_bytes(ARCHIVE)
    server = Server()
    get(tmp_path, server)
    assert server.asked == []
    assert names(tmp_path) == sorted([BINARY.archive, BINARY.folder])


def test_stop_and_go_on(tmp_path: Path) -> None:
    server = Server()

    class Pieces(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield ARCHIVE[:HALF]
            yield ARCHIVE[HALF:]

    asked = iter([False, True])
    with pytest.raises(FetchStoppedError, match=f"stopped after {HALF:,} bytes, which are kept"):
        get(
            tmp_path,
            lambda request: httpx.Response(200, headers={"ETag": '"one"'}, stream=Pieces()),
            cancelled=lambda: next(asked),
        )
    get(tmp_path, server)
    assert server.asked[0]["Range"] == f"bytes={HALF}-"
    check(tmp_path)


def test_stopped_while_unpacking(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(FetchStoppedError, match="unpacking was stopped"):
        get(tmp_path, Server(), cancelled=lambda: next(asked, True))
    assert names(tmp_path) == [BINARY.archive]
    get(tmp_path, Server(b""))  # it is already complete
    assert BINARY.folder in names(tmp_path)


def test_redirects_are_followed(tmp_path: Path) -> None:
    server = Server()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/some.tar.gz":
            return httpx.Response(302, headers={"Location": "/moved.tar.gz"})
        return server(request)

    get(tmp_path, answer)
    check(tmp_path)


class Handler(BaseHTTPRequestHandler):
    """A real server that hangs up halfway through its first answer."""

    answers = 0

    def do_GET(self) -> None:
        first = type(self).answers == 0
        type(self).answers += 1
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(ARCHIVE) - start))
        if start:
            last = len(ARCHIVE)
            self.send_header("Content-Range", f"bytes {start}-{last - 1}/{last}")
        self.end_headers()
        self.wfile.write(ARCHIVE[start : HALF if first else None])

    def log_message(self, *_: Any) -> None:
        pass


def test_over_a_real_connection(tmp_path: Path) -> None:
    Handler.answers = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/x.tar.gz"
        with pytest.raises(DataError, match="what has come is kept"):
            fetch(tmp_path, url, MD5, layout=BINARY)
        assert (tmp_path / f"{BINARY.archive}.part").stat().st_size == HALF
        fetch(tmp_path, url, MD5, layout=BINARY)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert Handler.answers == 2
    check(tmp_path)
