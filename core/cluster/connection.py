"""A cluster to hand work to: one started here, or one that stands.

Whoever reaches the scheduler of a cluster can have any code run by its workers and its clients. So
a cluster of our own listens on the loopback only, and with certificates made for it alone, because
other users of the machine reach that too; and a connection to another machine without certificates
is refused unless it is asked for.
"""

import ipaddress
import logging
import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.cluster.cluster import Cluster
from core.cluster.errors import ClusterError
from core.cluster.local import local_workers, temporary_folder
from core.cluster.roster import ANSWER_S
from core.cluster.versions import versions

START_S = 60.0
"""Seconds in which workers of this machine have to start; a busy one takes ten."""

LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
"""What Dask logs, which would appear in the middle of the screen."""

SETTINGS = {
    # The ports for browsers cannot be closed altogether; so they have nothing to say.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # We count deaths ourselves.
    "distributed.scheduler.allowed-failures": 0,
    # The state of a training is part of its call, and may be larger than Dask expects.
    "distributed.admin.large-graph-warning-threshold": "1TB",
    # What looks into a worker many times a second takes the interpreter from what it trains.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.tick.interval": "500ms",
}
"""Dask's configuration while a cluster of ours is open; of all else the user's own is in force."""


@dataclass(frozen=True)
class Tls:
    """Files for connections by tls://, in PEM format.

    Attributes:
        ca: certificate of the authority that has signed those of all others.
        cert: certificate of this client.
        key: its private key; None if it is in the same file.
    """

    ca: Path
    cert: Path
    key: Path | None = None

    def check(self) -> None:
        """Refuse files that cannot be read, or are no certificates and key that belong together.

        Raises:
            ClusterError: with the name of the file.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        key = self.key or self.cert
        for path in (self.ca, self.cert, key):
            try:
                path.open("rb").close()
            except OSError as error:
                raise ClusterError(f"cannot read {path}: {error.strerror}") from None
        try:
            context.load_verify_locations(self.ca)
        except ssl.SSLError:
            raise ClusterError(f"{self.ca} has no certificate in PEM format") from None
        try:
            # A key with a password would be asked for on the terminal.
            context.load_cert_chain(self.cert, key, password="")
        except (ssl.SSLError, ValueError):
            are = f"{self.cert} and {key} are no certificate and its key"
            if self.key is None:
                are = f"{self.cert} is no certificate with its key behind it"
            raise ClusterError(f"{are}, in PEM format and without a password") from None


@contextmanager
def open_cluster(
    address: str | None = None,
    *,
    workers: int = 1,
    threads: int = 1,
    allow_remote_tcp: bool = False,
    tls: Tls | None = None,
    release: Callable[[], object] | None = None,
) -> Iterator[Cluster]:
    """Open a cluster; on exit, everything that was started for it has ended.

    Args:
        address: of a scheduler that runs, `tcp://HOST:PORT` or `tls://HOST:PORT`; None starts
            workers on this machine.
        workers: number of workers to start.
        threads: threads of each of them.
        allow_remote_tcp: whether to connect to other machines by tcp, which hands code to whoever
            listens there.
        tls: certificates for an address by tls; None takes those of Dask's own configuration.
        release: function of a module that every worker of a scheduler that runs is to call at the
            end, to let go of what it keeps of our work.

    Raises:
        ClusterError: if the address is not a scheduler's or is refused, if there are no workers, or
            if their versions are not those of this process.
    """
    if address is not None:
        check_address(address, allow_remote_tcp)
    check_dask()
    import dask.config

    with ExitStack() as stack:
        stack.enter_context(_quiet())
        stack.enter_context(dask.config.set(SETTINGS))
        folder = None
        if address is None:
            folder = stack.enter_context(temporary_folder())
            client = stack.enter_context(local_workers(workers, threads, folder))
        else:
            client = stack.enter_context(_remote(address, tls))
        cluster = Cluster(client, folder)
        stack.callback(cluster.close, release, forget=address is not None)
        cluster.wait_for_workers(workers if address is None else 1, START_S)
        yield cluster


def check_dask() -> None:
    """Refuse work on a cluster without Dask.

    Raises:
        ClusterError: with what installs it.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            f"work on a cluster needs Dask, which is not installed ({error}); "
            "install it by `pip install 'convsole[sweep]'`"
        ) from None


@contextmanager
def _remote(address: str, tls: Tls | None) -> Iterator[Any]:
    """Connect to a scheduler; yield the client."""
    from distributed import Client, Security

    try:
        security = Security()
        check_certificates(address, tls)
        if tls is not None:
            security = Security(
                require_encryption=True,
                tls_ca_file=str(tls.ca),
                tls_client_cert=str(tls.cert),
                tls_client_key=str(tls.key or tls.cert),
            )
        with warnings.catch_warnings():
            # Versions that differ are told below, and as an error.
            warnings.simplefilter("ignore")
            client = Client(address, security=security, timeout=ANSWER_S)
    except (OSError, TimeoutError, TypeError, ValueError, RuntimeError) as error:
        why = re.sub(r"in <[^>]*>: ", "", str(error.__cause__ or error)) or type(error).__name__
        raise ClusterError(
            f"no scheduler answers at {address} ({why}); start one by `dask scheduler`"
            + (", and name the certificates that it takes" if address.startswith("tls") else "")
        ) from None
    with client:
        _check_scheduler(client, address)
        yield client


def _check_scheduler(client: Any, address: str) -> None:
    """Refuse a scheduler with other versions, for it reads what is sent to workers."""
    try:
        theirs = client.run_on_scheduler(versions)
    except Exception as error:
        raise ClusterError(
            f"the scheduler at {address} cannot run this Convsole; install the same on client, "
            f"scheduler and workers ({type(error).__name__}: {error})"
        ) from None
    difference = versions().difference(theirs)
    if difference is not None:
        raise ClusterError(f"the scheduler at {address} {difference}; install the same on both")


def check_address(address: str, allow_remote_tcp: bool) -> None:
    """Refuse an address that is none, or that is not safe.

    Raises:
        ClusterError: with the reason.
    """
    try:
        parts = urlsplit(address)
        plain = address.strip() == address and not (parts.path or parts.query or parts.username)
        complete = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and plain
    except ValueError:
        complete = None
    if not complete:
        raise ClusterError(
            f"{address!r} is no address of a scheduler, which is tls://HOST:PORT or tcp://HOST:PORT"
        )
    if parts.scheme == "tcp" and not allow_remote_tcp and not _is_loopback(parts.hostname or ""):
        raise ClusterError(
            f"{address} is on another machine, and tcp hands code to whoever listens there; "
            "use tls:// with certificates, or allow it explicitly"
        )


def check_certificates(address: str, tls: Tls | None) -> None:
    """Refuse certificates that cannot be used at an address, or that are missing.

    Raises:
        ClusterError: with the reason.
    """
    check_dask()
    from distributed import Security

    encrypted = address.startswith("tls")
    if tls is not None:
        if not encrypted:
            raise ClusterError(f"certificates are for tls://, and {address} is tcp")
        tls.check()
    elif encrypted:
        configured = Security()
        if not (configured.tls_ca_file and configured.tls_client_cert):
            raise ClusterError(
                f"{address} needs certificates: name those of the authority and of this client by "
                "--tls-ca, --tls-cert and --tls-key, or in Dask's configuration"
            )


def _is_loopback(host: str) -> bool:
    """Return whether all addresses of a host are those of this machine alone."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):  # the latter for what cannot be a name
        return False
    return all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs off the screen."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.level for logger in loggers]
    # Importing Dask sets levels, so it comes first.
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
