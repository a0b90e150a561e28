"""`python -m tui` and the command `convsole`."""

import sys

from core.text_out import visible


def main() -> None:
    """Run the command line; without arguments it opens the app."""
    empty = _empty(sys.argv[1:])
    if empty:
        # Not left to each argument: an empty path would be the folder one stands in.
        print(visible(f"convsole: {empty} is empty; fill it in or leave it out"), file=sys.stderr)
        sys.exit(2)
    try:
        from tui import ending
        from tui.cli import app

        ending.enforced = True
        app()
    except KeyboardInterrupt:  # while it was still being imported
        sys.exit(130)


def _empty(arguments: list[str]) -> str:
    """Return what an empty argument belongs to, for a person; nothing where there is none."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument.startswith("--") and argument.find("=") == len(argument) - 1:
            return f"what {argument[:-1]} is given"
        if not argument.strip():
            return f"what {before} is given" if before.startswith("--") else "an argument"
    return ""


if __name__ == "__main__":
    main()
