"""What runs in a worker; Dask calls it there."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from core import memory
from core.cluster import shipping


@dataclass(frozen=True)
class Call:
    """One call of a function. An object of ours, in which Dask looks for nothing of its own."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    named: Mapping[str, Any]
    data: str | None
    """Hash of its first argument, which the worker has."""
    threads: int | None
    """None until it is known on which worker, whose threads it then has."""


def run(call: Call) -> Any:
    """Return what a call returns.

    Raises:
        MissingDataError: if the worker does not have its data.
        BaseException: what the function raises.
    """
    first = () if call.data is None else (shipping.kept(call.data),)
    with threadpool_limits(call.threads, user_api="blas"):
        return call.function(*first, *call.args, threads=call.threads, **call.named)


def forget(also: Callable[[], object] | None) -> None:
    """Let go of all that a client has left in this process."""
    shipping.forget()
    if also is not None:
        also()
    memory.trim()


def dask_setup(worker: object) -> None:
    """Detach a worker of this machine from the terminal; Dask calls this as it starts.

    Ctrl+C is for the client, which ends its workers when it is ready to; and what a library prints
    in a worker would appear in the middle of the screen.
    """
    if hasattr(os, "setsid"):
        os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
