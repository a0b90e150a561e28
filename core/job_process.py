"""Work in a process of its own, which gives back all that it held when it is over.

PyTorch takes some 250 MB from the moment that it is imported, and a process cannot forget it. A
gradient check or a benchmark that is made apart leaves the one that asked as it was, and whatever
draws a screen there does not take turns with what is measured here.

This file is both sides: it is imported by who asks, and run by the process that does the work. That
one knows nothing but the standard library until it has been told where to import from.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, TypeVar

T = TypeVar("T")

LOOK_EVERY = 0.05
"""Seconds from one look whether the work is still wanted to the next."""

GRACE = 5.0
"""Seconds in which work that is stopped may come to an end with what it has; importing PyTorch, in
which nothing can be asked, takes less."""


class JobProcessError(Exception):
    """The process did not come to an end of its work; the message is one sentence."""


def run(
    work: Callable[..., T],
    *arguments: object,
    listen: Callable[[Any], object] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    **named: object,
) -> T:
    """Return `work(*arguments, listen=..., cancelled=..., **named)`, done in a process of its own.

    The process ends with this one, whatever ends it, and hears of no signal of the terminal.

    Args:
        work: a function of a module. What it takes, sends, returns and raises is pickled.
        arguments: for it.
        listen: called on this thread with every event that `work` sends; None where `work` sends
            none and takes no such argument.
        cancelled: asked from a thread of its own, and once true passed on; the process is killed
            where it does not come to an end within `GRACE`.
        named: for it.

    Raises:
        JobProcessError: if the process came to no end of the work.
        BaseException: what `work` raised.
    """
    with tempfile.TemporaryFile() as errors:
        # A session of its own: Ctrl+C and the end of the terminal are for who asked.
        process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        over = threading.Event()
        watch = threading.Thread(
            target=_watch, args=(process, cancelled, over), name="watch job process", daemon=True
        )
        try:
            with suppress(OSError):  # it is gone, as is heard below
                pickle.dump(sys.path, process.stdin)
                pickle.dump((work, arguments, named, listen is not None), process.stdin)
                process.stdin.flush()
            watch.start()
            while True:
                try:
                    kind, content = pickle.load(process.stdout)
                except (EOFError, pickle.UnpicklingError):
                    break
                if kind == "event":
                    if listen is not None:
                        listen(content)
                elif kind == "failed":
                    raise content
                else:
                    return content  # type: ignore[no-any-return]
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            if cancelled():
                raise JobProcessError("stopped in the middle of what cannot be broken off")
            raise JobProcessError(_end(process.poll(), errors))
        finally:
            over.set()
            process.kill()
            process.wait()
            if watch.ident is not None:
                watch.join()
            with suppress(OSError):
                process.stdin.close()
            process.stdout.close()


def _watch(
    process: "subprocess.Popen[bytes]", cancelled: Callable[[], bool], over: threading.Event
) -> None:
    """Pass on that the work is no longer wanted."""
    while not over.wait(LOOK_EVERY):
        if cancelled():
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.write(b"\n")
                process.stdin.flush()
            if not over.wait(GRACE):
                process.kill()
            return


def _end(code: int | None, errors: IO[bytes]) -> str:
    """Return why a process ended that had more to say."""
    if code is None:
        return "the process that did the work said what cannot be understood"
    if code < 0:
        return (
            f"the process that did the work was killed by signal {-code}, "
            "as happens where memory runs out"
        )
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {code}")
    return f"the process that did the work ended: {last}"


# In the process


def _serve() -> None:
    """Do the one thing that is asked for."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints must not come between
    asked = sys.stdin.buffer
    sys.path[:] = pickle.load(asked)
    work, arguments, named, sends_events = pickle.load(asked)
    stopping = threading.Event()

    def wait_for_cancel() -> None:
        if asked.read(1):
            stopping.set()
            asked.read()
        # Who asked is gone, or has all that it wanted.
        os._exit(1)

    threading.Thread(target=wait_for_cancel, daemon=True).start()

    def say(kind: str, content: object) -> None:
        pickle.dump((kind, content), out)
        out.flush()

    if sends_events:
        named["listen"] = lambda event: say("event", event)
    try:
        found = work(*arguments, cancelled=stopping.is_set, **named)
    except BaseException as error:
        say("failed", _portable(error))
    else:
        say("done", found)


def _portable(error: BaseException) -> BaseException:
    """Return an error that can be sent: the same, or one that quotes it."""
    try:
        same = pickle.loads(pickle.dumps(error))
    except Exception:
        same = None
    return error if isinstance(same, Exception) else RuntimeError(repr(error))


if __name__ == "__main__":
    _serve()
    # All has been said; nothing that PyTorch would tidy up is of use to anybody.
    os._exit(0)
