"""Numbers and plans in a person's words."""

import re

from core import build
from core.experiment import FIELDS_BY_NAME, Experiment
from core.runs import edit_words
from core.training.trainer import default_threads

APP_BYTES = 95_000_000
"""What the app has resident while it trains, without the training: Python and what is imported,
measured (`python -m bench.memory`)."""

DATA_NAMES = {"cifar10": "CIFAR-10", "synthetic": "the built-in shapes"}


def millions(number: int) -> str:
    """Return a count in millions, with the digits that say something."""
    value = number / 1e6
    if value >= 1000:
        return f"{value / 1000:,.2f} G"
    return f"{value:.2f} M" if value < 100 else f"{value:.0f} M"


def short(number: int) -> str:
    """Return a count in at most six characters."""
    if number < 100_000:
        return f"{number:,}"
    for unit, size in (("k", 1e3), ("M", 1e6), ("G", 1e9)):
        value = number / size
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{number / 1e12:.3g} T"


def size(count: int) -> str:
    """Return a number of bytes."""
    return f"{count / 1e9:.1f} GB" if count >= 999.5e6 else f"{count / 1e6:.0f} MB"


def totals(plan: build.Plan) -> list[str]:
    """Return what an architecture amounts to, from the longest to the shortest."""
    parameters = f"{plan.parameters:,} parameters"
    work = f"{millions(plan.multiply_adds)} multiply-adds"
    return [
        f"Architecture ─ {parameters} · {work} an image",
        f"Architecture ─ {parameters} · {work.replace('multiply', 'mult')}",
        f"{parameters} · {work} an image",
        f"{parameters} · {work}",
        parameters,
    ]


def run(plan: build.Plan) -> tuple[str, str, str]:
    """Return the length of a run in updates and in epochs, and what it takes."""
    return f"{plan.updates:,} updates", f"{plan.epochs:,.1f} epochs", memory(plan)


def memory(plan: build.Plan) -> str:
    """Return about what the app and its helpers have in memory while they train."""
    return f"about {size(APP_BYTES + plan.memory(default_threads()))}"


def cost(row: build.LayerRow) -> str:
    """Return output and cost of one layer."""
    return (
        f"Output {shape(row.output_shape)}; {row.parameters:,} parameters, "
        f"{row.multiply_adds:,} multiply-adds an image"
    )


def unseen(row: build.LayerRow) -> str:
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


def shape(sides: tuple[int, ...], by: str = " x ") -> str:
    """Return a shape."""
    return by.join(map(str, sides))


def data(experiment: Experiment, dataset: str) -> tuple[str, str]:
    """Return the name of the data set and, apart, the number of training images."""
    images = build.TRAINING_IMAGES[dataset] - experiment.validation_size
    name = DATA_NAMES[dataset]
    if dataset == "synthetic" and experiment.dataset == "auto":
        name += ", without CIFAR-10"
    more = f" + {experiment.copies:,}" if experiment.augmentation == "offline" else ""
    return name, f"{images:,}{more} training images"


def in_labels(reason: str) -> str:
    """Return a reason with the labels that the app shows for the names that files use."""

    def label(match: re.Match[str]) -> str:
        return edit_words.label(match[0]) if match[0] in FIELDS_BY_NAME else match[0]

    return re.sub(r"\b[a-z]+_[a-z_]+\b", label, reason)


def cut(text: str, width: int) -> str:
    """Return `text`, at most `width` characters of it; an ellipsis stands for what is missing."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def first_fitting(width: int, *texts: str) -> str:
    """Return the first of `texts` that is at most `width` long, else the last."""
    return next((text for text in texts if len(text) <= width), texts[-1])
