"""What the tests of a cluster wait for, and what must not be left."""

import tempfile
import time
from pathlib import Path

import psutil

from core.cluster.cluster import Cluster
from core.cluster.local import PREFIX
from core.cluster.work import Work

TIMEOUT_S = 120.0
"""Seconds after which something counts as stuck."""


def ended(cluster: Cluster, number: int = 1) -> list[Work]:
    """Return the next so many calls that end."""
    found: list[Work] = []
    deadline = time.monotonic() + TIMEOUT_S
    while len(found) < number:
        found += cluster.wait(1.0)
        assert time.monotonic() < deadline, "nothing ends"
    return found


def left_behind() -> tuple[set[int], set[object], set[Path]]:
    """Return children, temporary folders and connections of this process to others."""
    own = psutil.Process()
    # Python's own, which ends with the process.
    children = {
        child.pid
        for child in own.children(recursive=True)
        if not any("resource_tracker" in word for word in child.cmdline())
    }
    connections = own.net_connections()
    # A pair of which both ends are here wakes an event loop; Python closes it when it collects it.
    inside = {one.laddr for one in connections if one.status != psutil.CONN_LISTEN}
    sockets = {one.laddr for one in connections if one.raddr not in inside}
    return children, sockets, set(Path(tempfile.gettempdir()).glob(f"{PREFIX}{own.pid}-*"))
