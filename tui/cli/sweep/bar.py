"""The progress of a study on stderr: a bar on a terminal, and a line for what has ended."""

from typing import TYPE_CHECKING

from rich.progress import BarColumn, TextColumn

from core import format as fmt
from core.sweeps.definition.study import Study
from core.sweeps.execution.executor import HERE
from core.sweeps.execution.progress import planned
from tui.cli import say
from tui.cli.progress_bar import BarOf
from tui.cli.sweep import text

if TYPE_CHECKING:
    from core.sweeps.execution.progress import Progress


class StudyBar(BarOf):
    """The progress bar with what is new above it; without a terminal only the latter.

    Args:
        study: the study.
    """

    def __init__(self, study: Study) -> None:
        super().__init__(
            BarColumn(24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.description}", markup=False),
        )
        self._study = study
        self._over: set[tuple[int, int]] | None = None

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._progress.console.print(say.cell(sentence), soft_wrap=True)

    def on_reading(self, fraction: float, doing: str) -> None:
        """Show how far the data are read."""
        self.redraw(completed=fraction, description=doing)

    def show(self, at: "Progress") -> None:
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
        self.redraw(
            below=", ".join(working), completed=at.share, description=in_words(self._study, at)
        )


def in_words(study: Study, at: "Progress") -> str:
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
