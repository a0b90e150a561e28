"""How many trainings a study comes to: trials, seeds of finalists, and seeds that were added."""

from collections import Counter
from collections.abc import Iterable, Sequence


def count(trials: int, finalists: int, seeds: Sequence[int], known: Iterable[int]) -> int:
    """Return how many trainings there will be if none diverges.

    Args:
        trials: number of trials, each trained with the first seed.
        finalists: number of those that are trained with the other seeds as well.
        seeds: the seeds of the study.
        known: the seed of every training so far; some may be more than the study plans.
    """
    first, *others = seeds
    counts = Counter(seed for seed in known if seed != first)
    added = (max(0, n - (finalists if seed in others else 0)) for seed, n in counts.items())
    return trials + finalists * len(others) + sum(added)
