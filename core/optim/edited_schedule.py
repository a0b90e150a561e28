"""Schedules that are edited during a training."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from core.optim.schedule import Cycles, check_update


@dataclass(frozen=True)
class Segment:
    """A range of updates of a run in which one schedule applies.

    It usually begins within a cycle: the fraction `passed` of cycle number `cycle` is then already
    completed.
    """

    start: int
    """First update of the segment."""
    cycle: int
    passed: Fraction
    schedule: Cycles

    @cached_property
    def since(self) -> Fraction:
        """Completed updates of the first cycle, not necessarily an integer."""
        return self.passed * self.schedule.lengths[self.cycle]

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """The start, the first update of each cycle that begins later, and the end."""
        first, *others = self.schedule.lengths[self.cycle :]
        rest = -((self.since - first) // 1)  # rounded up
        return tuple(accumulate((int(rest), *others), initial=self.start))

    def position(self, update: int) -> tuple[int, Fraction]:
        """Return the cycle of an update and the number of updates completed in that cycle."""
        index = bisect_right(self.boundaries, update) - 1
        since = Fraction(update - self.boundaries[index])
        return self.cycle + index, since if index else since + self.since

    def rate(self, update: int) -> float:
        """Return the learning rate of an update in this segment."""
        cycle, since = self.position(update)
        return self.schedule.rate_in(cycle, since)


@dataclass(frozen=True)
class Edited:
    """A schedule with edits: a pure function of the edits and the update number.

    An edit ends a segment and begins another. Past updates keep their rates, and the new schedule
    continues at the same cycle number and at the same completed fraction of that cycle.
    """

    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, schedule: Cycles) -> "Edited":
        """Return `schedule` before any edit."""
        return cls((Segment(0, 0, Fraction(0), schedule),))

    def then(self, update: int, schedule: Cycles) -> "Edited":
        """Return this schedule with `schedule` in force from `update` on.

        Raises:
            ValueError: if the run ends before `update`, there is an edit at a later update, or the
                new schedule has fewer cycles than have begun.
        """
        check_update(update, self.total_updates)
        last = self.segments[-1]
        if update < last.start:
            raise ValueError(f"update {update} comes before an edit at update {last.start}")
        cycle, since = last.position(update)
        if cycle >= len(schedule.lengths):
            raise ValueError(
                f"cycle {cycle + 1} has begun, so there must be {cycle + 1} cycles at least"
            )
        passed = since / last.schedule.lengths[cycle]
        segment = Segment(update, cycle, passed, schedule)
        earlier = self.segments[:-1] if update == last.start else self.segments
        return Edited((*earlier, segment))

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole schedule."""
        return self.segments[-1].boundaries[-1]

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """First update of each cycle, followed by the total."""
        ends = [*(segment.start for segment in self.segments[1:]), self.total_updates + 1]
        updates = {0}
        for segment, end in zip(self.segments, ends, strict=True):
            updates |= {update for update in segment.boundaries[1:] if update < end}
            # A cycle that begins exactly at an edit.
            updates |= {segment.start} if not segment.passed else set()
        return tuple(sorted(updates))

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """Updates at which the curve begins, bends, jumps and ends."""
        last = self.total_updates - 1
        ends = [*(segment.start for segment in self.segments[1:]), self.total_updates]
        updates = {last}
        for segment, end in zip(self.segments, ends, strict=True):
            updates |= {segment.start, end - 1} | _bends(segment, end)
        return tuple(sorted(updates))

    def rate(self, update: int) -> float:
        """Return the learning rate of one update."""
        return self._segment(update).rate(update)

    def cycle(self, update: int) -> int:
        """Return the index of the cycle of an update, from 0."""
        return self._segment(update).position(update)[0]

    def _segment(self, update: int) -> Segment:
        check_update(update, self.total_updates)
        starts = [segment.start for segment in self.segments]
        return self.segments[bisect_right(starts, update) - 1]


def _bends(segment: Segment, end: int) -> set[int]:
    """Return the updates next to the bends and ends of a segment's cycles, before `end`."""
    updates: set[int] = set()
    for index, start in enumerate(segment.boundaries[:-1]):
        updates |= {start, start - 1}
        cycle_start = start - (segment.since if not index else Fraction(0))
        for bend in segment.schedule.bends_in(segment.cycle + index):
            updates |= {int((cycle_start + bend) // 1), int(-(-(cycle_start + bend) // 1))}
    return {update for update in updates if segment.start <= update < end}
