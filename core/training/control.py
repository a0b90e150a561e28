"""What a training is told, from any thread: pause, resume, stop, edit."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from core.settings import Value


def _nothing() -> None:
    pass


class Control:
    """The one thing that the screen and the loop share while a training runs.

    The loop looks at `paused`, `stopping` and `edits` once an update, which costs next to nothing;
    it waits on an event only while it is paused.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.interrupted = False
        """Whether the end is not to be measured either."""
        self.noticed = False
        """Whether the loop has ended, and only what there is of it has to be kept."""
        self.edits: deque[Mapping[str, Value]] = deque()
        """Changes that the loop has not taken yet, the oldest first."""
        self._go = threading.Event()
        self._go.set()
        self._news = threading.Event()
        self._abandon: Callable[[], None] = _nothing

    def edit(self, changes: Mapping[str, Value]) -> None:
        """Let settings change before the next update, or at once where the training waits."""
        self.edits.append(changes)
        self._news.set()

    @property
    def paused(self) -> bool:
        """Whether the training waits before its next update, or soon will."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Let the training wait before its next update."""
        self._go.clear()
        # Asked afterwards, for a stop may come between: nothing must wait after that.
        if self.stopping:
            self.resume()

    def resume(self) -> None:
        """Let a waiting training go on."""
        self._go.set()
        self._news.set()

    def stop(self) -> None:
        """End the training before its next update, waiting or not. There is no way back."""
        self.stopping = True
        self.resume()

    def interrupt(self) -> None:
        """End the training as `stop` does, and measure nothing more: who asks cannot wait."""
        self.interrupted = True
        self.stop()
        self._abandon()

    @contextmanager
    def when_interrupted(self, abandon: Callable[[], None]) -> Iterator[None]:
        """Let `abandon` be called, on any thread, when measurements are to end meanwhile."""
        self._abandon = abandon
        # Asked afterwards, for it may have come between.
        if self.interrupted:
            abandon()
        try:
            yield
        finally:
            # Whoever keeps the control does not keep what was measured with.
            self._abandon = _nothing

    def wait(self) -> None:
        """Block while paused, until there is an edit. Called by the loop."""
        while self.paused and not self.edits:
            self._news.wait()
            self._news.clear()
