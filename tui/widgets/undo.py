"""What can be taken back."""

from typing import Generic, TypeVar

State = TypeVar("State")

LIMIT = 1000
"""States that are kept; the oldest goes first."""


class History(Generic[State]):
    """A line of states with a place in it.

    States recorded one after the other under the same tag count as one: holding a key down, then
    undoing, comes back to where the key was first pressed. A state that is recorded without a tag,
    or after `seal`, stands for itself.

    Args:
        present: the state that everything starts from.
    """

    def __init__(self, present: State) -> None:
        self._present = present
        self._past: list[State] = []
        self._future: list[State] = []
        self._tag = ""

    @property
    def present(self) -> State:
        """The state that holds."""
        return self._present

    def record(self, state: State, tag: str = "") -> None:
        """Make `state` the present; what had been undone is forgotten."""
        if state == self._present:
            return
        if not (tag and tag == self._tag and self._past):
            self._past.append(self._present)
            del self._past[:-LIMIT]
        self._present = state
        self._future.clear()
        self._tag = tag
        if self._past[-1] == state:  # the steps have come back to where they began
            self._past.pop()
            self._tag = ""

    def seal(self) -> None:
        """Let the next state stand for itself, whatever its tag."""
        self._tag = ""

    def undo(self) -> bool:
        """Go one back; return whether there was something."""
        return self._go(self._past, self._future)

    def redo(self) -> bool:
        """Go one forward again; return whether there was something."""
        return self._go(self._future, self._past)

    def _go(self, source: list[State], target: list[State]) -> bool:
        self._tag = ""
        if not source:
            return False
        target.append(self._present)
        self._present = source.pop()
        return True
