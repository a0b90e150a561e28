"""The chart of the learning rate that an edit will give, beside the one without it."""

from math import isclose

from core.training.timeline import Timeline
from tui.widgets import rates
from tui.widgets.chart import Chart
from tui.widgets.picture import Picture

STEPS = 200
"""Parts of a run of which one is worth a redraw."""


class RatePreview(Chart):
    """The learning rate over the whole run: as it was up to now, and as the edit makes it."""

    _shown: tuple[object, ...] = ()

    def __init__(self) -> None:
        super().__init__("Learning rate", "rate", "edit-rate", focusable=True)

    def preview(self, now: Timeline, edited: Timeline, done: int, updates_per_epoch: int) -> None:
        """Show two courses of a run.

        Args:
            now: the run as it would go on without the edit.
            edited: the run with the edit.
            done: number of updates so far.
            updates_per_epoch: updates of a pass over the training set.
        """
        end = max(now.updates, edited.updates)
        key = now, edited.at(done), done * STEPS // end
        if key == self._shown:
            return
        self._shown = key
        after = rates.curve(edited.schedule, edited.updates, "with this edit", short="edit")
        curves = [after]
        if now.updates > done and not _same(now, edited, done):
            before = rates.curve(
                now.schedule, now.updates, "without it", short="before", since=done, former=True
            )
            curves.append(before)
        self.show_anew(
            Picture(
                tuple(curves),
                end,
                marks=(done,),
                meaning="now",
                lowest=0.0,
                updates_per_epoch=updates_per_epoch,
            )
        )


def _same(one: Timeline, other: Timeline, since: int) -> bool:
    """Return whether the rates of two courses of a run are the same from an update on."""
    if one.updates != other.updates:
        return False
    corners = {*one.schedule.corners, *other.schedule.corners, since}
    return all(
        isclose(one.schedule.rate(update), other.schedule.rate(update), rel_tol=1e-12)
        for update in corners
        if since <= update < one.updates
    )
