"""Formatting of dates, accuracies and tables for the commands in `convsole runs`."""

import sys
from datetime import datetime

from rich.console import Console
from rich.table import Table

from core import format as fmt


def when(at: float) -> str:
    """Return a timestamp as date and time in local time."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"


def accuracy(value: float | None) -> str:
    """Return an accuracy in per cent; an empty string for None."""
    return "" if value is None else fmt.percent(value)


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal."""
    Console(width=console_width()).print(table, highlight=False)


def console_width() -> int:
    """Return the columns of the terminal; a large number for a pipe, where nothing is cut."""
    return Console().width if sys.stdout.isatty() else 1_000
