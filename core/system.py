"""Description of the machine, which accompanies every measurement: CPU, cores, libraries, load."""

import os
import platform
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from core.field_types import Finite, Positive, Readable


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Machine:
    """Processor, libraries and load."""

    cpu: Readable
    cores: Positive
    """Number of cores that this process may use."""
    system: Readable
    python: Readable
    numpy: Readable
    blas: Readable
    """Name, version and kernels of NumPy's BLAS."""
    torch: Readable | None
    """None if PyTorch is not installed or takes no part."""
    load: Finite | None
    """Load average of the last minute at the start of the measurement; None if not available."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def describe(torch: str | None = None) -> Machine:
    """Return the description of this machine.

    Args:
        torch: the version of PyTorch if it takes part.
    """
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return Machine(
        cpu=_cpu(),
        cores=available_cores(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        numpy=np.__version__,
        blas=_blas(),
        torch=torch,
        load=load,
    )


def _cpu() -> str:
    facts = Path("/proc/cpuinfo")
    try:
        lines = facts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@cache
def blas_kernel() -> str:
    """Return the name of the kernels that the BLAS has chosen for this processor, if it has one."""
    return str(_blas_library().get("architecture") or "")


def _blas() -> str:
    library = _blas_library()
    parts = (library.get(fact) for fact in ("internal_api", "version", "architecture"))
    return " ".join(str(part) for part in parts if part) or "unknown"


def _blas_library() -> dict[str, Any]:
    """Return the facts about the BLAS that NumPy has loaded; empty if none is known."""
    blas = (library for library in threadpool_info() if library["user_api"] == "blas")
    return next(blas, {})
