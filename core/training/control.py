"""What a training is told, from any thread: pause, resume, stop."""

import threading


class Control:
    """The one thing that the screen and the loop share while a training runs.

    The loop looks at `paused` and `stopping` once an update, which costs two attribute reads; it
    waits on an event only while it is paused.
    """

    def __init__(self) -> None:
        self.paused = False
        self.stopping = False
        self._go = threading.Event()
        self._go.set()

    def pause(self) -> None:
        """Let the training wait before its next update."""
        if not self.stopping:
            self._go.clear()
            self.paused = True

    def resume(self) -> None:
        """Let a waiting training go on."""
        self.paused = False
        self._go.set()

    def stop(self) -> None:
        """End the training before its next update, waiting or not. There is no way back."""
        self.stopping = True
        self.resume()

    def wait(self) -> None:
        """Block while paused. Called by the loop."""
        self._go.wait()
