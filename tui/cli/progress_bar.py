"""A progress bar on stderr."""

from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

REDRAW = 0.1
"""Seconds between two redraws of a progress bar."""


class RedrawTimer:
    """Limits the rate of redraws without a thread."""

    def __init__(self) -> None:
        self._next, self._at = 0.0, ""

    def due(self, at: str = "") -> bool:
        """Return whether a redraw is due: by time, or because the step `at` has changed."""
        now = perf_counter()
        if now < self._next and at == self._at:
            return False
        self._next, self._at = now + REDRAW, at
        return True


class Bar:
    """A context manager that shows a progress bar; silent if stderr is not a terminal."""

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
        self._redraws = RedrawTimer()

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, done: float, total: float, doing: str) -> None:
        """Show that `done` of `total` is done, and the current step."""
        self._progress.update(
            self._task,
            completed=done,
            total=total,
            description=doing,
            refresh=self._redraws.due(doing),
        )
