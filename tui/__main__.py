"""`python -m tui` and the command `convsole`."""

import sys


def main() -> None:
    """Run the command line; without arguments it opens the app."""
    try:
        from tui.cli import app

        app()
    except KeyboardInterrupt:  # while it was still being imported
        sys.exit(130)


if __name__ == "__main__":
    main()
