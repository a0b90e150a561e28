"""Formatting of dates, accuracies and tables for the commands in `convsole runs`."""

import sys
from datetime import datetime

from rich.console import Console

from core import format as fmt
from tui.cli.table import PIPE


def when(at: float) -> str:
    """Return a timestamp as date and time in local time."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"


def accuracy(value: float | None) -> str:
    """Return an accuracy in per cent; an empty string for None."""
    return "" if value is None else fmt.percent(value)


def console_width() -> int:
    """Return the columns of the terminal; a large number for a pipe, where nothing is cut."""
    return Console().width if sys.stdout.isatty() else PIPE
