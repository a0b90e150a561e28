"""Execution of a job in a separate process, which releases all its memory at the end.

PyTorch takes about 250 MB once it is imported, and a process cannot unload it. A gradient check or
a benchmark in a separate process leaves the memory of the caller unchanged, and the user interface
of the caller does not compete with the measurement for the GIL.

This file contains both sides: the caller imports it, and the job process runs it as a script. The
job process uses only the standard library until it has received the import path.
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
"""Seconds between checks for a cancellation."""

GRACE = 5.0
"""Seconds in which a cancelled job may finish with partial results. The import of PyTorch, which
cannot be cancelled, takes less."""


class JobProcessError(Exception):
    """The process did not complete its job; the message is one sentence."""


class JobStoppedError(JobProcessError):
    """The process was cancelled, and killed before it had partial results."""


def run(
    work: Callable[..., T],
    *arguments: object,
    listen: Callable[[Any], object] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    **named: object,
) -> T:
    """Return `work(*arguments, listen=..., cancelled=..., **named)`, run in a separate process.

    The process ends when this one does, for whatever reason, and receives no signals from the
    terminal.

    Args:
        work: a module-level function. Its arguments, events, result and exceptions are pickled.
        arguments: positional arguments of `work`.
        listen: callback for every event of `work`, called on this thread; None if `work` sends no
            events and has no such parameter.
        cancelled: returns whether to cancel; called on a separate thread. The process is killed if
            it does not finish within `GRACE`.
        named: keyword arguments of `work`.

    Raises:
        JobStoppedError: if it was cancelled and did not finish within `GRACE`.
        JobProcessError: if the process did not complete the job for another reason.
        BaseException: the exception that `work` raised.
    """
    with tempfile.TemporaryFile() as errors:
        # In its own session, so that it receives neither Ctrl+C nor the hang-up of the terminal.
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
            with suppress(OSError):  # the process has died, which is detected below
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
                raise JobStoppedError("stopped before there was a result")
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
    """Forward a cancellation to the process, and kill it after `GRACE`."""
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
    """Return why a process ended without a result."""
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


# In the job process


def _serve() -> None:
    """Read the job from standard input, run it, and write its events and result."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # printed text must not get into the stream of results
    source = sys.stdin.buffer
    sys.path[:] = pickle.load(source)
    work, arguments, named, sends_events = pickle.load(source)
    stopping = threading.Event()

    def wait_for_cancel() -> None:
        if source.read(1):
            stopping.set()
            source.read()
        # The caller has died or has the result.
        os._exit(1)

    threading.Thread(target=wait_for_cancel, daemon=True).start()

    def send(kind: str, content: object) -> None:
        pickle.dump((kind, content), out)
        out.flush()

    if sends_events:
        named["listen"] = lambda event: send("event", event)
    try:
        result = work(*arguments, cancelled=stopping.is_set, **named)
    except BaseException as error:
        send("failed", _portable(error))
    else:
        send("done", result)


def _portable(error: BaseException) -> BaseException:
    """Return the error itself if it can be pickled, else a `RuntimeError` that quotes it."""
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = None
    return error if isinstance(copy, Exception) else RuntimeError(repr(error))


if __name__ == "__main__":
    _serve()
    # The result has been sent; the clean-up of PyTorch at exit would only take time.
    os._exit(0)
