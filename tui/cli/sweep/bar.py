"""The progress of a study on stderr: a bar on a terminal, and a line for what has ended."""

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from core import format as fmt
from core.sweeps.executor import HERE
from core.sweeps.progress import planned
from core.sweeps.study import Study
from tui.cli import say
from tui.cli.sweep import text

if TYPE_CHECKING:
    from core.sweeps.progress import Progress as StudyProgress

REDRAW = 0.2
"""Seconds between two redraws of the progress bar."""


class StudyBar:
    """The progress bar with what is new above it; without a terminal only the latter.

    Args:
        study: the study.
    """

    def __init__(self, study: Study) -> None:
        console = Console(stderr=True)
        self._study = study
        self._progress = _WithWorkers(
            BarColumn(24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.description}", markup=False),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starts", total=1.0)
        self._over: set[tuple[int, int]] | None = None
        self._next = 0.0

    def __enter__(self) -> "StudyBar":
        """Return itself, with the bar on the terminal until the end."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._progress.stop()

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._progress.console.print(say.cell(sentence), soft_wrap=True)

    def on_reading(self, fraction: float, doing: str) -> None:
        """Show how far the data are read."""
        self._redraw(fraction, doing)

    def show(self, at: "StudyProgress") -> None:
        """Print what happened and the trials that are over, and redraw the bar if that is due."""
        for sentence in at.notes:
            self.say(sentence)
        over = {trial.key: trial for trial in at.trials if trial.over}
        if self._over is None:
            # Those of before are no news.
            self._over = set(over)
            left = f", {len(over)} of them over" if over else ""
            whole = fmt.counted(planned(self._study, at.trials), "training")
            self.say(f"study {at.record.name}: {whole}{left}")
        for key in sorted(over.keys() - self._over):
            self.say(text.ended(self._study, over[key]))
        self._over |= over.keys()
        working = [
            f"{each.worker if each.worker == HERE else f'worker {each.worker}'}: {each.doing}"
            for each in at.workers
            if each.key is not None
        ]
        self._redraw(at.share, in_words(self._study, at), working)

    def _redraw(self, share: float, words: str, working: Iterable[str] = ()) -> None:
        now = perf_counter()
        if now >= self._next and not self._progress.disable:
            self._next = now + REDRAW
            self._progress.working = tuple(working)
            self._progress.update(self._task, completed=share, description=words, refresh=True)


def in_words(study: Study, at: "StudyProgress") -> str:
    """Return how far a study is: trials, the best, the speed, the time to go."""
    over = sum(trial.over for trial in at.trials)
    words = [f"{over:,} of {planned(study, at.trials):,} trainings"]
    if at.best is not None:
        words.append(f"best {fmt.percent(at.best.accuracy)} (trial {at.best.trial.number})")
    if at.images_per_second:
        words.append(fmt.speed(at.images_per_second, "images"))
    if at.to_go is not None:
        words.append(f"{fmt.duration(at.to_go)} to go")
    return ", ".join(words)


class _WithWorkers(Progress):
    """A progress bar, and below it who works on what."""

    working: tuple[str, ...] = ()

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the bar and a line for the workers, cut at the end of the terminal."""
        yield from super().get_renderables()
        if self.working:
            yield Text(", ".join(self.working), no_wrap=True, overflow="ellipsis")
