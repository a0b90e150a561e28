"""Work that is shared by threads, also where there may be no more of them."""

import threading

import pytest

from core.threads import share


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_every_part_is_done_once(threads: int, count: int) -> None:
    done: list[int] = []
    before = threading.active_count()
    share(done.append, range(count), threads)
    assert sorted(done) == list(range(count))
    assert threading.active_count() == before


def test_threads_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)
    share(lambda part: both.wait(), range(2), 2)


def test_one_thread_is_the_callers() -> None:
    names: list[str] = []
    share(lambda part: names.append(threading.current_thread().name), range(3), 1)
    assert names == [threading.current_thread().name] * 3


def test_a_limit_on_threads_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done: list[int] = []
    share(done.append, range(5), 3)
    assert sorted(done) == list(range(5))


def test_an_error_of_any_thread_is_the_callers() -> None:
    both = threading.Barrier(2, timeout=60)
    caller = threading.current_thread()

    def work(part: int) -> None:
        both.wait()
        if threading.current_thread() is not caller:
            raise MemoryError("of the other")

    with pytest.raises(MemoryError, match="of the other"):
        share(work, range(2), 2)
