"""Clusters that stand: schedulers and workers as processes of their own, and certificates."""

import datetime
import ipaddress
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from core.cluster.connection import Tls
from tests.cluster.waiting import TIMEOUT_S
from tests.processes import running

ROOT = Path(__file__).resolve().parents[2]


def program(module: str, *options: str, environment: dict[str, str] | None = None) -> Any:
    """Start a module as a program of its own."""
    return running(
        [sys.executable, "-P", "-m", module, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stderr=subprocess.DEVNULL,
    )


class Standing:
    """A scheduler and its workers, each a process of its own, as on a cluster that stands."""

    def __init__(self, stack: ExitStack, folder: Path, tls: Tls | None) -> None:
        self._stack, self._folder = stack, folder
        self._secure = [] if tls is None else [
            "--protocol", "tls", "--tls-ca-file", str(tls.ca), "--tls-cert", str(tls.cert),
            "--tls-key", str(tls.key),
        ]  # fmt: skip
        self._file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--port", "0")
        deadline = time.monotonic() + TIMEOUT_S
        while not self._file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address: str = json.loads(self._file.read_text())["address"]

    def worker(self, name: str, threads: int = 1) -> Any:
        return self._start(
            "dask_worker", "--name", name, "--nthreads", str(threads), "--no-nanny",
            "--local-directory", str(self._folder),
        )  # fmt: skip

    def _start(self, module: str, *options: str) -> Any:
        return self._stack.enter_context(
            program(
                f"distributed.cli.{module}", *options, *self._secure, "--no-dashboard",
                "--host", "127.0.0.1", "--scheduler-file", str(self._file),
            )
        )  # fmt: skip


@contextmanager
def standing(folder: Path, tls: Tls | None = None) -> Iterator[Standing]:
    with ExitStack() as stack:
        yield Standing(stack, folder, tls)


def certificates_in(folder: Path) -> Tls:
    """Make an authority, and a certificate signed by it that client, scheduler and workers use."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def written(name: str, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    def made(name: str, issuer: str, public: Any, signed_by: Any, authority: bool) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        names = [
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer)
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[0])
            .issuer_name(names[1])
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
        )
        return builder.sign(signed_by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = own.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Tls(
        ca=written("ca.pem", made("authority", "authority", root.public_key(), root, True)),
        cert=written("cert.pem", made("member", "authority", own.public_key(), root, False)),
        key=written("key.pem", pem),
    )
