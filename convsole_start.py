"""The command `convsole`, before any of Convsole is imported.

Its two packages have short names. A `core` or a `tui` of somebody else that Python finds first, by
PYTHONPATH or in the folder one stands in, would be imported in their place.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("core", "tui")
BAD_INPUT = 2


def main() -> None:
    """Run the command line, if `core` and `tui` are those of Convsole."""
    refuse_strangers()
    from tui.__main__ import main

    main()


def refuse_strangers() -> None:
    """End with one sentence where `core` or `tui` would be somebody else's."""
    for name in PACKAGES:
        ours = Path(__file__).resolve().parent / name
        found = _found(name)
        if found != ours:
            if sys.stderr is not None:
                print(f"convsole: {_sentence(name, found, ours)}", file=sys.stderr)
            sys.exit(BAD_INPUT)


def _found(name: str) -> Path | None:
    """Return what an import of `name` would take: a folder, or a file; None where there is none."""
    try:
        spec = find_spec(name)  # of a name without a dot, this imports nothing
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.origin and spec.has_location:
        file = Path(spec.origin).resolve()
        return file.parent if spec.submodule_search_locations is not None else file
    # A folder without an __init__.py.
    return next((Path(place).resolve() for place in spec.submodule_search_locations or ()), None)


def _sentence(name: str, found: Path | None, ours: Path) -> str:
    if found is None:
        return f"{ours} is missing; install Convsole again"
    by = found.parent
    listed = os.environ.get("PYTHONPATH", "")
    if listed and by in {Path(entry).resolve() for entry in listed.split(os.pathsep)}:
        return f"PYTHONPATH leads to another `{name}`, {found}; take {by} out of PYTHONPATH"
    if by == Path.cwd():
        return f"another `{name}`, {found}, would be imported; start in another folder"
    return f"another `{name}`, {found}, would be imported; take {by} out of Python's path"


if __name__ == "__main__":
    main()
