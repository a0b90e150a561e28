"""Schedules that are changed while they run."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from core.optim.schedule import Cycles, check_update


@dataclass(frozen=True)
class Segment:
    """A stretch of a run through which one schedule holds.

    It begins in the middle of a cycle as a rule: with `passed`, a fraction, of cycle number `cycle`
    over already.
    """

    start: int
    """Its first update."""
    cycle: int
    passed: Fraction
    schedule: Cycles

    @cached_property
    def since(self) -> Fraction:
        """Updates of the first cycle that count as passed; whole or not."""
        return self.passed * self.schedule.lengths[self.cycle]

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """The start, the first update of each cycle that begins later, and the end."""
        first, *others = self.schedule.lengths[self.cycle :]
        rest = -((self.since - first) // 1)  # rounded up: the cycle passes its end
        return tuple(accumulate((int(rest), *others), initial=self.start))

    def position(self, update: int) -> tuple[int, Fraction]:
        """Return the cycle of an update, and how many updates of that have passed."""
        index = bisect_right(self.boundaries, update) - 1
        since = Fraction(update - self.boundaries[index])
        return self.cycle + index, since if index else since + self.since

    def rate(self, update: int) -> float:
        """Return the learning rate of an update of this stretch."""
        cycle, since = self.position(update)
        return self.schedule.rate_in(cycle, since)


@dataclass(frozen=True)
class Edited:
    """A schedule that was changed on the way: a pure function of the edits and the update number.

    An edit ends a segment and begins another. What has passed of the run stays what it was: the
    number of the cycle, and the fraction of it that is over, go on through the new schedule.
    """

    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, schedule: Cycles) -> "Edited":
        """Return `schedule` before any edit."""
        return cls((Segment(0, 0, Fraction(0), schedule),))

    def then(self, update: int, schedule: Cycles) -> "Edited":
        """Return what it becomes when `schedule` holds from `update` on.

        Raises:
            ValueError: if the run is over by then, an edit made later is there already, or the new
                schedule has fewer cycles than have begun.
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
        kept = self.segments[:-1] if update == last.start else self.segments
        return Edited((*kept, segment))

    @property
    def total_updates(self) -> int:
        """Updates until the schedule ends."""
        return self.segments[-1].boundaries[-1]

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """First update of each cycle, and at the end the total."""
        ends = [*(segment.start for segment in self.segments[1:]), self.total_updates + 1]
        found = {0}
        for segment, end in zip(self.segments, ends, strict=True):
            found |= {at for at in segment.boundaries[1:] if at < end}
            # A cycle that begins just where an edit does.
            found |= {segment.start} if not segment.passed else set()
        return tuple(sorted(found))

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """Updates at which the curve begins, bends, jumps and ends."""
        last = self.total_updates - 1
        ends = [*(segment.start for segment in self.segments[1:]), self.total_updates]
        found = {last}
        for segment, end in zip(self.segments, ends, strict=True):
            found |= {segment.start, end - 1} | _bends(segment, end)
        return tuple(sorted(found))

    def rate(self, update: int) -> float:
        """Return the learning rate of one update."""
        return self._segment(update).rate(update)

    def cycle(self, update: int) -> int:
        """Return the number of the cycle that an update belongs to, from 0."""
        return self._segment(update).position(update)[0]

    def _segment(self, update: int) -> Segment:
        check_update(update, self.total_updates)
        starts = [segment.start for segment in self.segments]
        return self.segments[bisect_right(starts, update) - 1]


def _bends(segment: Segment, end: int) -> set[int]:
    """Return the updates beside the bends and ends of a segment's cycles, before `end`."""
    found: set[int] = set()
    for index, start in enumerate(segment.boundaries[:-1]):
        found |= {start, start - 1}
        begun = start - (segment.since if not index else Fraction(0))
        for bend in segment.schedule.bends_in(segment.cycle + index):
            found |= {int((begun + bend) // 1), int(-(-(begun + bend) // 1))}
    return {at for at in found if segment.start <= at < end}
