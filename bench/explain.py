"""The time of a trace, and of the sums behind single values: what a person who walks through feels.

    python -m bench.explain

A trace is made anew for every image, network and mode; a sum for every value that is looked at.
"""

import random
import statistics
from time import perf_counter

from threadpoolctl import threadpool_limits

from core.config import presets
from core.data import synthetic
from core.explain import Subject, Trace, run
from core.explain.trace import BYTES

NETWORKS = "arch-2", "final", "lenet", "resnet", "deep"
TRACES, SUMS = 5, 300


def main() -> None:
    dataset = synthetic.load(1000)
    for name in NETWORKS:
        subject = Subject.fresh(presets.load(name), dataset)
        times, traces = [], []
        for number in range(TRACES):
            started = perf_counter()
            with threadpool_limits(1, user_api="blas"):
                traces.append(run(subject, dataset.test.images[number], 0))
            times.append(perf_counter() - started)
        took = sorted(_sums(traces[0]))
        late = took[int(0.95 * len(took))]
        print(
            f"explain {name}: a trace in {1000 * statistics.median(times):.0f} ms, "
            f"at most {1000 * max(times):.0f} ms; 95 % of {len(took)} sums within "
            f"{1000 * late:.1f} ms, all within {1000 * took[-1]:.1f} ms"
        )


def _sums(trace: Trace) -> list[float]:
    """Return the seconds that the sums behind random values and gradients take."""
    rng, took = random.Random(0), []
    names = [name for name, node in trace.nodes.items() if name != BYTES and node.dy is not None]
    for _ in range(SUMS):
        name = rng.choice(names)
        at = tuple(rng.randrange(size) for size in trace.values(name).shape)
        explain = rng.choice((trace.explain, trace.explain_gradient))
        started = perf_counter()
        list(explain(name, at).terms())
        took.append(perf_counter() - started)
    return took


if __name__ == "__main__":
    main()
