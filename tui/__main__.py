"""Entry point of `python -m tui` and, through `convsole_start`, of the command `convsole`."""

import sys

from core.text_out import visible
from tui import exit_codes, limits, streams
from tui.opening import CannotOpenError, open_app


def main() -> None:
    """Run the command line; without arguments it opens the app."""
    streams.prepare()
    try:
        _run(sys.argv[1:])
    except SystemExit as end:
        sys.exit(streams.ended(end.code))
    except KeyboardInterrupt:  # during an import, before any command handles signals
        sys.exit(exit_codes.INTERRUPTED)


def _run(arguments: list[str]) -> None:
    empty = _empty(arguments)
    if empty:
        # Checked here for all arguments, because an empty path means the current directory.
        print(visible(f"convsole: {empty} is empty; fill it in or leave it out"), file=sys.stderr)
        sys.exit(exit_codes.BAD_INPUT)
    try:
        limits.spare_threads()
        from tui import shutdown

        shutdown.enforced = True
        if arguments:  # else the commands would only take time to import
            from tui.cli.app import app
    except (ImportError, MemoryError, OSError) as error:
        # Limits on memory or open files first take effect when libraries are loaded.
        print(f"convsole: cannot start: {limits.first_cause(error)}", file=sys.stderr)
        sys.exit(exit_codes.FAILED)
    if arguments:
        app()
    try:
        sys.exit(open_app())
    except CannotOpenError as error:
        print(f"convsole: {error}", file=sys.stderr)
        sys.exit(error.code)


def _empty(arguments: list[str]) -> str:
    """Return a description of the first empty argument; an empty string if there is none."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument.startswith("--") and argument.find("=") == len(argument) - 1:
            return f"what {argument[:-1]} is given"
        if not argument.strip():
            return f"what {before} is given" if before.startswith("--") else "an argument"
    return ""


if __name__ == "__main__":
    import convsole_start

    convsole_start.main()
