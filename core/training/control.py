"""What a training is told, from any thread: pause, resume, stop."""

import threading


class Control:
    """The one thing that the screen and the loop share while a training runs.

    The loop looks at `paused` and `stopping` once an update, which costs next to nothing; it waits
    on an event only while it is paused.
    """

    def __init__(self) -> None:
        self.stopping = False
        self._go = threading.Event()
        self._go.set()

    @property
    def paused(self) -> bool:
        """Whether the training waits before its next update, or soon will."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Let the training wait before its next update."""
        self._go.clear()
        # Asked afterwards, for a stop may come between: nothing must wait after that.
        if self.stopping:
            self._go.set()

    def resume(self) -> None:
        """Let a waiting training go on."""
        self._go.set()

    def stop(self) -> None:
        """End the training before its next update, waiting or not. There is no way back."""
        self.stopping = True
        self._go.set()

    def wait(self) -> None:
        """Block while paused. Called by the loop."""
        self._go.wait()
