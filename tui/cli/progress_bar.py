"""Progress bars on stderr."""

from collections.abc import Iterable
from time import perf_counter
from typing import Any, Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn
from rich.text import Text

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


class BarOf:
    """A context manager that shows a progress bar of some columns, redrawn when it is told to be.

    It is silent if stderr is not a terminal.
    """

    def __init__(self, *columns: ProgressColumn) -> None:
        console = Console(stderr=True)
        self._progress = _WithBelow(
            *columns,
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starts", total=1.0)
        self._redraws = RedrawTimer()

    def __enter__(self) -> Self:
        """Return itself, with the bar on the terminal until the end."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._progress.stop()

    def redraw(self, step: str = "", below: str = "", **fields: Any) -> None:
        """Redraw the bar if that is due: by time, or because the step has changed.

        Args:
            step: what is being done.
            below: a line below the bar.
            **fields: what Rich's `Progress.update` takes.
        """
        if not self._progress.disable and self._redraws.due(step):
            self._progress.below = below
            self._progress.update(self._task, refresh=True, **fields)


class Bar(BarOf):
    """The progress bar of most commands: what is being done, and how far it is."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn()
        )

    def show(self, done: float, total: float, doing: str) -> None:
        """Show that `done` of `total` is done, and the current step."""
        self.redraw(doing, completed=done, total=total, description=doing)


class _WithBelow(Progress):
    """A progress bar with a line below it, cut at the end of the terminal."""

    below = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.below:
            yield Text(self.below, no_wrap=True, overflow="ellipsis")
