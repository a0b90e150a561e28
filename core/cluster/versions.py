"""What a process computes with, and whether another one would compute the same."""

import hashlib
import platform
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from core import system

REQUIRED = ("python", "numpy", "distributed", "convsole", "source")
"""Attributes of `Versions` in which client, scheduler and workers must agree."""

WORDS = {"python": "Python", "numpy": "NumPy", "source": "Convsole with the source"}


@dataclass(frozen=True)
class Versions:
    """Versions of a process, and the processor that it runs on."""

    python: str
    numpy: str
    distributed: str
    convsole: str
    """As installed; empty for a checkout that is not."""
    source: str
    """Beginning of a SHA-256 of all modules of `core`, of which one version may have many."""
    cpu: str
    blas: str

    def difference(self, other: "Versions") -> str | None:
        """Return the first difference that forbids to compute together, or None.

        Args:
            other: the versions of the other process, which the words begin with.
        """
        for name in REQUIRED:
            here, there = getattr(self, name), getattr(other, name)
            if here != there:
                word = WORDS.get(name, name)
                return f"has {word} {there or 'unknown'}, this process {word} {here or 'unknown'}"
        return None

    def unlike(self, other: "Versions") -> str | None:
        """Return how the processors or the BLAS differ, by which last digits may, or None."""
        differs = [
            f"{name} {getattr(other, name)} there, {getattr(self, name)} here"
            for name in ("cpu", "blas")
            if getattr(self, name) != getattr(other, name)
        ]
        return "; ".join(differs) or None


@cache
def versions() -> Versions:
    """Return the versions of this process. Workers call this, too."""
    machine = system.describe()
    return Versions(
        python=machine.python,
        numpy=machine.numpy,
        distributed=_installed("distributed"),
        convsole=_installed("convsole"),
        source=_source(),
        cpu=f"{machine.cpu} ({platform.machine()})",
        blas=machine.blas,
    )


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _source() -> str:
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
