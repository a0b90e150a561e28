"""Search settings on validation images: `python -m search search/studies/NAME.toml --data DIR`.

Every trial is written to search/records/NAME.csv as soon as it is done, and an interrupted search
resumes from there. The test images are never used.
"""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from search.record import Record
from search.study import Study
from search.trial import train


def stages(study: Study, record: Record) -> Iterator[list[tuple[int, int]]]:
    """Yield the stages as lists of (trial, seed): all trials once, then the finalists again."""
    first, *others = study.seeds
    yield [(trial, first) for trial in range(study.trials)]
    best = [trial for _, trial in record.ranked([first])[: study.finalists]]
    yield [(trial, seed) for seed in others for trial in best]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    study = Study.read(given.study)
    record = Record(study)
    # Forked from a small server process, so that trainings share only the code.
    with ProcessPoolExecutor(given.jobs, get_context("forkserver")) as pool:
        for jobs in stages(study, record):
            waiting = [pool.submit(train, study, *job, given.data) for job in record.lacks(jobs)]
            for done in waiting:
                record.add(row := done.result())
                print(" ".join(f"{name}={value}" for name, value in row.items()), flush=True)
    for accuracy, trial in record.ranked(study.seeds)[:3]:
        print(f"{accuracy:.2%} trial {trial}: {study.drawn(trial)}")


if __name__ == "__main__":
    main()
