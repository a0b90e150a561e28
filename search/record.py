"""What a search has found so far."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean

from search.study import Study

RECORDS = Path(__file__).parent / "records"
Row = dict[str, str]


class Record:
    """All trials so far, in a file that only grows."""

    def __init__(self, study: Study) -> None:
        self.path = RECORDS / f"{study.name}.csv"
        self.rows: list[Row] = []
        if self.path.exists():
            with self.path.open(newline="", encoding="utf-8") as file:
                self.rows = list(csv.DictReader(file))

    def add(self, row: Row) -> None:
        """Keep a trial."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if not self.rows:
                writer.writeheader()
            writer.writerow(row)
        self.rows.append(row)

    def lacks(self, jobs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return those of (trial, seed) that have not been done."""
        done = {(int(row["trial"]), int(row["seed"])) for row in self.rows}
        return [job for job in jobs if job not in done]

    def ranked(self, seeds: Sequence[int]) -> list[tuple[float, int]]:
        """Return mean validation accuracy and number of trials with all these seeds, best first.

        Other seeds do not count, so that the ranking by the first one stays what it was while the
        others are trained. Of equal ones the earlier.
        """
        found = defaultdict(list)
        for row in self.rows:
            if int(row["seed"]) in seeds:
                found[int(row["trial"])].append(float(row["validation_accuracy"]))
        means = [(mean(each), trial) for trial, each in found.items() if len(each) == len(seeds)]
        return sorted(means, key=lambda one: (-one[0], one[1]))
