"""Undo and redo."""

from typing import Generic, TypeVar

State = TypeVar("State")

LIMIT = 1000
"""Number of states that can be undone; the oldest is dropped first."""
NOTHING_DONE = "there is nothing to take back"
NOTHING_UNDONE = "there is nothing to bring back"


class History(Generic[State]):
    """A present state with its undo and redo stacks.

    Successive states with the same tag are undone together: after a key was held down, undo
    returns to the state before it was pressed. A state without a tag, or the first one after
    `seal`, is undone by itself.

    Args:
        present: the initial state.
    """

    def __init__(self, present: State) -> None:
        self._present = present
        self._past: list[State] = []
        self._future: list[State] = []
        self._tag = ""

    @property
    def present(self) -> State:
        """The present state."""
        return self._present

    def record(self, state: State, tag: str = "") -> None:
        """Make `state` the present one and clear the redo stack."""
        if state == self._present:
            return
        if not (tag and tag == self._tag and self._past):
            self._past.append(self._present)
            del self._past[:-LIMIT]
        self._present = state
        self._future.clear()
        self._tag = tag
        if self._past[-1] == state:  # the steps have returned to the state before them
            self._past.pop()
            self._tag = ""

    def seal(self) -> None:
        """Undo the next state by itself, whatever its tag."""
        self._tag = ""

    def undo(self) -> bool:
        """Undo one step; return whether there was one."""
        return self._move(self._past, self._future)

    def redo(self) -> bool:
        """Redo one step; return whether there was one."""
        return self._move(self._future, self._past)

    def refusal(self, action: str) -> str:
        """Return why the action `undo` or `redo` is not possible; empty if it is."""
        if action == "undo" and not self._past:
            return NOTHING_DONE
        return NOTHING_UNDONE if action == "redo" and not self._future else ""

    def _move(self, source: list[State], target: list[State]) -> bool:
        self._tag = ""
        if not source:
            return False
        target.append(self._present)
        self._present = source.pop()
        return True
