"""Control of a running training from any thread: pause, resume, stop, edit."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from core.settings import Value


def _nothing() -> None:
    pass


class Control:
    """The only object that the user interface and the training loop share during a training.

    The loop reads `paused`, `stopping` and `edits` once per update, at negligible cost; it waits
    on an event only while it is paused.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.interrupted = False
        """Whether to skip the final evaluations too."""
        self.suspended = False
        """Whether the training ends here only to go on later, on the same trainer or another."""
        self.noticed = False
        """Whether the loop has ended because of a stop, and only saving the run is left to do."""
        self.edits: deque[Mapping[str, Value]] = deque()
        """Changes that the loop has not applied yet, oldest first."""
        self._go = threading.Event()
        self._go.set()
        self._news = threading.Event()
        self._abandon: Callable[[], None] = _nothing

    def edit(self, changes: Mapping[str, Value]) -> None:
        """Request a change of settings before the next update, or at once while paused."""
        self.edits.append(changes)
        self._news.set()

    @property
    def paused(self) -> bool:
        """Whether the training is paused, or will be before its next update."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Pause the training before its next update."""
        self._go.clear()
        # Checked after the pause, because a stop may come in between and must end all waiting.
        if self.stopping:
            self.resume()

    def resume(self) -> None:
        """Resume a paused training."""
        self._go.set()
        self._news.set()

    def stop(self) -> None:
        """End the training before its next update, paused or not. This cannot be undone."""
        self.stopping = True
        self.resume()

    def interrupt(self) -> None:
        """End the training as `stop` does, without the final evaluations."""
        self.interrupted = True
        self.stop()
        self._abandon()

    def suspend(self) -> None:
        """End the training before its next update, to go on later as if it had not ended.

        Unlike `interrupt`, it waits for an evaluation that is under way; unlike `stop`, it does not
        add one.
        """
        self.suspended = True
        self.stop()

    @contextmanager
    def when_interrupted(self, abandon: Callable[[], None]) -> Iterator[None]:
        """Call `abandon`, on any thread, if an interruption comes within the context."""
        self._abandon = abandon
        # Checked after the assignment, because an interruption may come in between.
        if self.interrupted:
            abandon()
        try:
            yield
        finally:
            # A reference to the control must not keep the network in memory.
            self._abandon = _nothing

    def wait(self) -> None:
        """Block while paused, until there is an edit. The training loop calls this."""
        while self.paused and not self.edits:
            self._news.wait()
            self._news.clear()
