"""A plan as text: totals, length of the run, memory, cost of a layer."""

from core import format as fmt
from core import plan as planning
from core.build_layers import LayerRow
from core.config.experiment import Experiment
from core.data import known
from core.system import available_cores

APP_BYTES = 95_000_000
"""Resident memory of the app without the training, that is Python and imported modules, measured
(`python -m bench.memory`)."""


def totals(plan: planning.Plan) -> list[str]:
    """Return texts with the totals of an architecture, from the longest to the shortest."""
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
    """Return the length of a run in updates and in epochs, and its memory."""
    return f"{plan.updates:,} updates", f"{plan.epochs:,.1f} epochs", memory(plan)


def memory(plan: planning.Plan) -> str:
    """Return the approximate memory of the app and its workers during the training."""
    return f"about {fmt.size(APP_BYTES + plan.memory(available_cores()))}"


def cost(row: LayerRow) -> str:
    """Return output and cost of one layer."""
    return (
        f"Output {fmt.shape(row.output_shape)}; {row.parameters:,} parameters, "
        f"{row.multiply_adds:,} multiply-adds an image"
    )


def unseen(row: LayerRow) -> str:
    """Return a hint about the part of its input that a layer's windows do not reach, or ""."""
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
    """Return the name of the data set and the number of training images."""
    data = known.get(dataset)
    images, name = data.training - experiment.validation_size, data.title
    if dataset == known.SHAPES and experiment.dataset == known.AUTO:
        name += ", without CIFAR-10"
    more = f" + {experiment.copies:,}" if experiment.augmentation == "offline" else ""
    return name, f"{images:,}{more} training images"
