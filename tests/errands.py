"""Jobs for job processes; they need only the standard library, so that processes start fast."""

import os
import signal
import time
from collections.abc import Callable
from typing import NoReturn

Tell = Callable[[object], object]


def add(a: int, b: int, *, cancelled: Callable[[], bool], times: int = 1) -> int:
    return (a + b) * times


def count(to: int, *, listen: Tell, cancelled: Callable[[], bool]) -> str:
    for number in range(to):
        listen(number)
    return "counted"


def prints(*, cancelled: Callable[[], bool]) -> str:
    print("what a library prints")
    os.write(1, b"and what one in C prints\n")
    return "printed"


def fails(error: Exception, *, cancelled: Callable[[], bool]) -> NoReturn:
    raise error


def fails_oddly(*, cancelled: Callable[[], bool]) -> NoReturn:
    class HereError(Exception):
        pass

    raise HereError("of a class that nobody else knows")


def dies(*, cancelled: Callable[[], bool]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leaves(*, cancelled: Callable[[], bool]) -> None:
    os.write(2, b"a library gave up\n")
    os._exit(3)


def waits(*, listen: Tell, cancelled: Callable[[], bool]) -> str:
    listen((os.getpid(), os.getsid(0)))
    while not cancelled():
        time.sleep(0.005)
    return "what it had"


def hangs(*, listen: Tell, cancelled: Callable[[], bool]) -> None:
    listen(os.getpid())
    time.sleep(600)
