"""`python -m tui` and the command `convsole`."""


def main() -> None:
    """Run the command line; without arguments it opens the app."""
    from tui.cli import app

    app()


if __name__ == "__main__":
    main()
