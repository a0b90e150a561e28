"""The time of an update by size of network, batch and data: `python -m bench.scaling`."""

from core.benchmark import cases
from core.benchmark.contender import Ours
from core.benchmark.floor import Floor
from core.benchmark.measure import alternate
from core.config import presets
from core.data import source
from core.data.dataset import Dataset, Split
from core.plan import plan, shard_sizes

START = presets.load("arch-2")

STEPS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "filters": [(str(n), {"architecture": f"4x4/{n}/50"}) for n in (10, 20, 40, 80, 160)],
    "hidden units": [(str(n), {"architecture": f"4x4/10/{n}"}) for n in (50, 100, 200, 400, 800)],
    "images in a batch": [(str(n), {"batch_size": n}) for n in (25, 50, 100, 200, 400)],
}

COUNTS = (5_000, 10_000, 20_000, 49_000)


def measure(changes: dict[str, object], dataset: Dataset) -> tuple[float, float | None, float]:
    """Return milliseconds per update and of its bare matrix products, and GFLOP/s."""
    experiment = START.changed(augmentation="none", **changes)
    planned = plan(experiment, dataset.name, len(dataset.train))
    ours = Ours(experiment, dataset, threads=2)
    floor = Floor(planned.layers, shard_sizes(experiment), 2, experiment.dtype)
    times = alternate({"ours": ours, "floor": floor}, 150)
    ours.close()
    floor.close()
    rate = planned.operations * experiment.batch_size / times["ours"].median / 1e6
    return times["ours"].median, times["floor"].median, rate


def main() -> None:
    full = source.load("auto", None, 1000)
    reduced = cases.reduced(full)
    for what, steps in STEPS.items():
        print(f"| {what} | ms per update | bare products | images/s | GFLOP/s |")
        print("| ---: | ---: | ---: | ---: | ---: |")
        for label, changes in steps:
            took, floor, rate = measure(changes, reduced)
            size = START.changed(**changes).batch_size
            print(f"| {label} | {took:.2f} | {floor:.2f} | {1e3 * size / took:,.0f} | {rate:.0f} |")
        print(flush=True)
    print("| training images | ms per update | seconds per epoch |")
    print("| ---: | ---: | ---: |")
    for count in COUNTS:
        train = Split(full.train.images[:count], full.train.labels[:count])
        part = Dataset(full.name, full.source, full.classes, train, full.validation, full.test)
        took, _, _ = measure({}, part)
        epoch = took * count / START.batch_size / 1e3
        print(f"| {count:,} | {took:.2f} | {epoch:.2f} |", flush=True)


if __name__ == "__main__":
    main()
