"""What successive halving costs and saves: `python -m bench.halving STUDY.toml CURVES.csv`.

The curves are those of the study without pruning: rows of trial, update and validation_accuracy, as
CSV or JSON. With them the study is played through in 20 random orders of its results. The regret is
how much worse the best trial that is left is than the best of all, in percentage points; the share
is that of all updates that were trained. Both belong to the trials of the first seed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from core.errors import UserError
from core.settings import SettingError
from core.sweeps import simulate
from core.sweeps.definition.rungs import FACTOR, FIRST
from core.sweeps.definition.study import Study

ORDERS = 20
MAX_REGRET, MAX_SHARE = 0.3, 0.4
"""What halving may lose, in points, and train, to be worth it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("curves", type=Path)
    parser.add_argument("--first", type=float, default=FIRST, help="share of the first rung")
    parser.add_argument("--factor", type=int, default=FACTOR, help="one of how many goes on")
    given = parser.parse_args()
    try:
        halving = {"kind": "halving", "first": given.first, "factor": given.factor}
        study = Study.read(given.study).changed(pruning=halving)
        curves = simulate.read(given.curves)
        played = [
            simulate.simulate(study, curves, np.random.default_rng(order))
            for order in range(ORDERS)
        ]
    except (SettingError, UserError, ValueError) as error:
        sys.exit(str(error))
    regret = max(each.regret for each in played)
    share = max(each.share for each in played)
    rungs = ", ".join(f"{share:.2g}" for share in study.shares)
    best = sorted({each.best for each in played})
    print(f"{study.name}: {len(curves)} trials, rungs at {rungs} of a trial, {ORDERS} orders")
    print(f"best trial: {', '.join(map(str, best))}; regret {regret:.2f} points at most")
    print(f"trained: {100 * share:.1f} % of all updates at most")
    if regret > MAX_REGRET or share > MAX_SHARE:
        sys.exit(f"more than {MAX_REGRET} points or {100 * MAX_SHARE:.0f} % of the updates")


if __name__ == "__main__":
    main()
