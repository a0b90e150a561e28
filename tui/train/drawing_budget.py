"""How often a running training may be drawn: drawing takes its time from the training."""

from collections.abc import Callable
from time import monotonic, thread_time

SHARE = 0.03
"""Share of one core that drawing may take from a training."""
LONGEST = 2.0
"""Seconds after which a drawing is due, whatever the earlier ones took."""
EARLY, EARLY_LONGEST = 5.0, 0.5
"""Seconds from the start of a training in which a drawing is due sooner: small networks are trained
in seconds, and of the others one wants to see that they have begun."""


class DrawingBudget:
    """Spaces drawings so that their thread uses no more than a share of a core.

    What the thread has used beyond its share is a debt, which time pays off. On a fast machine no
    drawing has to wait; on a slow one the curves move less often instead of slowing the training.

    Args:
        share: the share of one core.
        longest: seconds without a drawing after which one is due, whatever the debt.
        spent: returns the processor time of the calling thread in seconds.
        clock: a monotonic clock in seconds.
    """

    def __init__(
        self,
        share: float = SHARE,
        longest: float = LONGEST,
        spent: Callable[[], float] = thread_time,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._share, self._longest = share, longest
        self._measure, self._clock = spent, clock
        self.begin()

    def begin(self) -> None:
        """Forgive what has been spent so far: the training that may be slowed begins now."""
        self._debt = 0.0
        self._spent, self._at = self._measure(), self._clock()
        self._begun = self._latest = self._at

    def allows(self) -> bool:
        """Return whether something may be drawn now; call it from the thread that draws."""
        spent, at = self._measure(), self._clock()
        debt = self._debt + (spent - self._spent) - self._share * (at - self._at)
        self._debt = min(max(debt, 0.0), self._share * self._longest)
        self._spent, self._at = spent, at
        longest = EARLY_LONGEST if at - self._begun < EARLY else self._longest
        if self._debt and at - self._latest < longest:
            return False
        self._latest = at
        return True
