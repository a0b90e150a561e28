"""What a plan amounts to, as text: totals, length, memory, the cost of a layer."""

from core import format as fmt
from core import plan as planning
from core.build import LayerRow
from core.config.experiment import Experiment
from core.system import available_cores

APP_BYTES = 95_000_000
"""What the app has resident while it trains, without the training: Python and what is imported,
measured (`python -m bench.memory`)."""

DATA_NAMES = {"cifar10": "CIFAR-10", "synthetic": "the built-in shapes"}


def totals(plan: planning.Plan) -> list[str]:
    """Return what an architecture amounts to, from the longest to the shortest."""
    parameters = f"{plan.parameters:,} parameters"
    work = f"{fmt.millions(plan.multiply_adds)} multiply-adds"
    return [
        f"Architecture ─ {parameters} · {work} an image",
        f"Architecture ─ {parameters} · {work.replace('multiply', 'mult')}",
        f"{parameters} · {work} an image",
        f"{parameters} · {work}",
        parameters,
    ]


def run(plan: planning.Plan) -> tuple[str, str, str]:
    """Return the length of a run in updates and in epochs, and what it takes."""
    return f"{plan.updates:,} updates", f"{plan.epochs:,.1f} epochs", memory(plan)


def memory(plan: planning.Plan) -> str:
    """Return about what the app and its helpers have in memory while they train."""
    return f"about {fmt.size(APP_BYTES + plan.memory(available_cores()))}"


def cost(row: LayerRow) -> str:
    """Return output and cost of one layer."""
    return (
        f"Output {fmt.shape(row.output_shape)}; {row.parameters:,} parameters, "
        f"{row.multiply_adds:,} multiply-adds an image"
    )


def unseen(row: LayerRow) -> str:
    """Return what a layer leaves of its input because its windows do not tile it; empty if none."""
    down, across = row.unseen
    if not (down or across):
        return ""
    if down == across:
        what = "row and column" if down == 1 else f"{down} rows and columns"
    elif not across:
        what = "row" if down == 1 else f"{down} rows"
    else:
        what = f"{down} rows and {across} columns"
    verb = "is" if what == "row" else "are"
    return f"the last {what} of its input {verb} never seen"


def data(experiment: Experiment, dataset: str) -> tuple[str, str]:
    """Return the name of the data set and, apart, the number of training images."""
    images = planning.TRAINING_IMAGES[dataset] - experiment.validation_size
    name = DATA_NAMES[dataset]
    if dataset == "synthetic" and experiment.dataset == "auto":
        name += ", without CIFAR-10"
    more = f" + {experiment.copies:,}" if experiment.augmentation == "offline" else ""
    return name, f"{images:,}{more} training images"
