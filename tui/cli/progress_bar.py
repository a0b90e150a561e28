"""How far a command is, on stderr."""

from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

REDRAW = 0.1
"""Seconds between two looks at a progress bar."""


class Looks:
    """Says when somebody who watches wants to see something again; that takes no thread."""

    def __init__(self) -> None:
        self._next, self._at = 0.0, ""

    def due(self, at: str = "") -> bool:
        """Return whether it is time, or something else is being done than before."""
        now = perf_counter()
        if now < self._next and at == self._at:
            return False
        self._next, self._at = now + REDRAW, at
        return True


class Bar:
    """A progress bar while it is entered; silent where stderr is no terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=1)
        self._looks = Looks()

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, done: float, total: float, doing: str) -> None:
        """Show that `done` of `total` are done, and what is being done."""
        self._progress.update(
            self._task,
            completed=done,
            total=total,
            description=doing,
            refresh=self._looks.due(doing),
        )
