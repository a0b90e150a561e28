"""Moments, accuracies and tables, as the commands about runs print them."""

import sys
from datetime import datetime

from rich.console import Console
from rich.table import Table


def when(at: float) -> str:
    """Return a moment as a person reads it, in local time."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"


def accuracy(value: float | None) -> str:
    """Return an accuracy in per cent; nothing where there is none."""
    return "" if value is None else f"{value:.2%}"


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal."""
    Console(width=console_width()).print(table, highlight=False)


def console_width() -> int:
    """Return the columns of the terminal; a pipe has no width, nothing is cut there."""
    return Console().width if sys.stdout.isatty() else 1_000
