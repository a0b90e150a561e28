"""How the cores of a machine are shared out among trials, on machines that are made up."""

from collections.abc import Callable

import pytest

from core.sweeps.execution.crew import MAX_ROUNDS, Crew
from core.sweeps.execution.executor import Job
from core.training.timeline import Timeline
from tests.runs.made import EXPERIMENT

Rate = Callable[[int], float]
"""Updates per second of one trial with so many threads, with all cores taken."""


def job(number: int, beside: int = 99, shards: int = 8) -> Job:
    timeline = Timeline(EXPERIMENT.changed(shards=shards, batch_size=max(8, shards)))
    return Job((number, 0), timeline, None, 8, 3.0, True, 0.0, "", beside)


def trained(crew: Crew, rate: Rate, pieces: int = 100, shards: int = 8) -> list[int]:
    """Train trials side by side for so many pieces; return the threads of each."""
    queue, found = list(range(crew.places)), []
    for _ in range(pieces):
        given = job(queue.pop(0), shards=shards)
        threads = crew.threads_of(given)
        crew.add(given, threads, rate(threads) * (1 + given.key[0] / 10), 3.0)
        found.append(threads)
        queue.append(given.key[0])
    return found


def test_one_thread_each_is_the_beginning() -> None:
    crew = Crew(8)
    assert (crew.places, crew.threads_of(job(0))) == (8, 1)


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_more_threads_that_are_no_faster_are_given_up_at_once(cores: int) -> None:
    crew = Crew(cores)
    found = trained(crew, lambda threads: threads**0.9)
    assert set(found[3 * cores :]) == {1}
    assert len(found) - found.count(1) <= cores // 2
    assert crew.notes == []


def test_more_threads_are_kept_while_they_are_faster() -> None:
    crew = Crew(8)
    found = trained(crew, lambda threads: {1: 10.0, 2: 25.0, 4: 60.0, 8: 100.0}[threads])
    assert (crew.places, found[-1]) == (2, 4)
    assert crew.notes[0] == (
        "4 of these trials at a time, with 2 threads each, are 1.25 times as fast as 8"
    )
    assert len(crew.notes) == 2


def test_no_trial_has_more_threads_than_shards() -> None:
    crew = Crew(8)
    trained(crew, lambda threads: threads**2.0, shards=2)
    assert crew.places == 4
    assert crew.threads_of(job(0, beside=1, shards=2)) == 2
    assert Crew(8).threads_of(job(0, beside=1, shards=1)) == 1


@pytest.mark.parametrize(("beside", "threads"), [(1, 8), (2, 4), (3, 2), (5, 1), (8, 1), (99, 1)])
def test_cores_without_a_trial_of_their_own_help_the_others(beside: int, threads: int) -> None:
    assert Crew(8).threads_of(job(0, beside)) == threads


def test_what_says_nothing_of_full_cores_is_not_counted() -> None:
    crew = Crew(2)
    for number in range(9):
        crew.add(job(number), 1, 10.0, 0.5)  # too short
        crew.add(job(number, beside=1), 1, 10.0, 3.0)  # another core was idle
        crew.add(job(number), 2, 10.0, 3.0)  # handed out before
    assert crew.places == 2
    for number in range(2):
        crew.add(job(number), 1, 10.0, 3.0)
    assert crew.places == 1


def test_trials_too_short_to_compare_have_one_thread_each() -> None:
    crew = Crew(2)
    for number in range(2):
        crew.add(job(number), 1, 10.0, 1.5)
    assert crew.places == 1
    for number in range(2, 2 + MAX_ROUNDS):
        crew.add(job(number), 2, 99.0, 1.5)
    assert crew.places == 2
    crew.add(job(0), 1, 99.0, 3.0)
    assert crew.places == 2
