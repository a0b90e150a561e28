"""The record of a search: the results of its trials."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean

from search.study import Study

RECORDS = Path(__file__).parent / "records"
Row = dict[str, str]


class Record:
    """All trials so far, in an append-only file."""

    def __init__(self, study: Study) -> None:
        self.path = RECORDS / f"{study.name}.csv"
        self.rows: list[Row] = []
        if self.path.exists():
            with self.path.open(newline="", encoding="utf-8") as file:
                self.rows = list(csv.DictReader(file))

    def add(self, row: Row) -> None:
        """Append a trial."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if not self.rows:
                writer.writeheader()
            writer.writerow(row)
        self.rows.append(row)

    def lacks(self, jobs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the jobs, (trial, seed), that have not been done."""
        done = {(int(row["trial"]), int(row["seed"])) for row in self.rows}
        return [job for job in jobs if job not in done]

    def ranked(self, seeds: Sequence[int]) -> list[tuple[float, int]]:
        """Return mean validation accuracy and number of trials with all these seeds, best first.

        Other seeds are ignored, so that the ranking by the first seed does not change while the
        others are trained. Ties are broken in favour of the earlier trial.
        """
        accuracies = defaultdict(list)
        for row in self.rows:
            if int(row["seed"]) in seeds:
                accuracies[int(row["trial"])].append(float(row["validation_accuracy"]))
        means = [(mean(of), trial) for trial, of in accuracies.items() if len(of) == len(seeds)]
        return sorted(means, key=lambda each: (-each[0], each[1]))
