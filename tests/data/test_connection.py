"""Tests of proxies and certificates from the environment, and of the errors that name them."""

import os
import socket
import socketserver
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import certifi
import httpx
import pytest

from core.data import connection
from core.data.dataset import DataError
from core.data.download import fetch
from tests.data.fakes import BINARY
from tests.data.servers import ARCHIVE, MD5, check

URL = "http://data.invalid/cifar.tar.gz"
"""Only a proxy can resolve this name."""

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ARCHIVE) + ARCHIVE


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL"):
            monkeypatch.delenv(name)


@contextmanager
def served(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that handles each connection with one function; yields its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(30)
            talk(self.request)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def read(link: socket.socket, end: bytes = b"\r\n\r\n") -> bytes:
    come = b""
    while end not in come:
        more = link.recv(65_536)
        if not more:
            break
        come += more
    return come


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    def talk(link: socket.socket) -> None:
        read(link)
        link.sendall(answer)

    return talk


class Socks:
    """A SOCKS5 proxy (RFC 1928, passwords as in RFC 1929) that is also the server."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.asked: list[bytes] = []

    def __call__(self, link: socket.socket) -> None:
        method = link.recv(64)[2]
        link.sendall(bytes([5, method]))
        if method == 2:
            self.asked.append(link.recv(512))
            link.sendall(b"\x01\x00")
        self.asked.append(link.recv(512))
        link.sendall(bytes([5, self.code, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not self.code:
            self.asked.append(read(link))
            link.sendall(ANSWER)


def refusal(tmp_path: Path, url: str = URL) -> str:
    with pytest.raises(DataError) as caught:
        fetch(tmp_path / "data", url, MD5, layout=BINARY)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["socks5", "socks5h"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "HTTP_PROXY"])
def test_a_socks_proxy_works(
    variable: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Socks()
    with served(proxy) as port:
        monkeypatch.setenv(variable, f"{kind}://127.0.0.1:{port}")
        fetch(tmp_path, URL, MD5, layout=BINARY)
    check(tmp_path)
    assert b"data.invalid" in proxy.asked[0]
    assert proxy.asked[1].startswith(b"GET /cifar.tar.gz")


def test_a_socks_proxy_gets_the_name_and_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Socks()
    with served(proxy) as port:
        monkeypatch.setenv("ALL_PROXY", f"socks5://me:secret@127.0.0.1:{port}")
        fetch(tmp_path, URL, MD5, layout=BINARY)
    assert proxy.asked[0] == b"\x01\x02me\x06secret"


@pytest.mark.parametrize(
    ("talk", "told"),
    [
        (Socks(code=5), "could not connect"),
        (lambda link: link.sendall(b"HTTP/1.1 400 Bad Request"), "no proxy answers there"),
        (lambda link: None, ""),
    ],
    ids=["refuses", "is none", "hangs up"],
)
def test_a_socks_proxy_that_does_not_help_is_named(
    talk: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(talk) as port:
        monkeypatch.setenv("ALL_PROXY", f"socks5://me:secret@127.0.0.1:{port}")
        sentence = refusal(tmp_path)
    assert "(through the proxy that ALL_PROXY names)" in sentence
    assert told in sentence


def test_without_its_package_a_socks_proxy_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    assert "ALL_PROXY names a SOCKS proxy, which needs the package socksio" in refusal(tmp_path)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "Http_Proxy", "ALL_PROXY"])
def test_the_variable_is_told_as_it_is_written(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "ftp://me:secret@host")
    assert refusal(tmp_path).startswith(
        f"{variable} names a proxy of a kind that is not known, ftp"
    )


@pytest.mark.parametrize(
    "address",
    ["socks4://host:1080", "http://me:se/secret@host", "http://", "://h",
     "http://host:secret", "http://host:70000", "[::1", "http://[::1::]:80"],
)  # fmt: skip
def test_what_is_no_address_of_a_proxy_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    assert refusal(tmp_path).startswith("ALL_PROXY ")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407 Proxy"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "502 Bad Gateway"),
        (b"hello\r\n\r\n", "illegal"),
        (b"", "without sending a response"),
    ],
)
@pytest.mark.parametrize("url", [URL, URL.replace("http:", "https:")])
def test_a_proxy_that_does_not_help_is_named(
    answer: bytes, told: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(saying(answer)) as port:
        monkeypatch.setenv("ALL_PROXY", f"me:secret@127.0.0.1:{port}")
        sentence = refusal(tmp_path, url)
    assert "(through the proxy that ALL_PROXY names)" in sentence
    assert told in sentence


def test_an_http_proxy_works_and_small_letters_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(saying(ANSWER)) as port:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{port}")
        monkeypatch.setenv("HTTP_PROXY", "ftp://host")
        monkeypatch.setenv("ALL_PROXY", "ftp://host")
        fetch(tmp_path, URL, MD5, layout=BINARY)
    check(tmp_path)


@pytest.mark.parametrize("exception", ["127.0.0.1", "*", "localhost, 127.0.0.1", "[::1, 127.0.0.1"])
def test_no_proxy_is_asked_where_none_is_wanted(
    exception: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "ftp://host")
    monkeypatch.setenv("NO_PROXY", exception)
    with served(saying(ANSWER)) as port:
        fetch(tmp_path, f"http://127.0.0.1:{port}/a.tar.gz", MD5, layout=BINARY)
    check(tmp_path)


def nothing(folder: Path) -> Path:
    return folder / "nothing"


def empty(folder: Path) -> Path:
    (folder / "empty").write_text("")
    return folder / "empty"


def text(folder: Path) -> Path:
    (folder / "text").write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    return folder / "text"


def a_folder(folder: Path) -> Path:
    return folder


@pytest.mark.parametrize("make", [nothing, empty, text, a_folder])
def test_a_file_of_certificates_that_is_none_is_named(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(place))
    assert refusal(tmp_path).startswith(f"SSL_CERT_FILE names {place}, which ")


@pytest.mark.parametrize("make", [nothing, empty])
def test_a_folder_of_certificates_that_is_none_is_named(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(make(tmp_path)))
    assert refusal(tmp_path).startswith("SSL_CERT_DIR names ")
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())  # which goes before it
    assert connection.certificates()


def test_a_file_for_keys_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "nowhere" / "keys"))
    assert "cannot be written: No such file or directory" in refusal(tmp_path)
    assert refusal(tmp_path).startswith("SSLKEYLOGFILE names ")


def test_certificates_that_do_not_do_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")

    monkeypatch.setattr(connection, "_transport", lambda *_: Refusing())
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert "(the certificates are those that SSL_CERT_FILE names)" in refusal(tmp_path)
