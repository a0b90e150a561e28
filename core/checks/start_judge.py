"""The verdicts of the check before a training: a threshold, a reason and a source for each."""

from math import isfinite, log, sqrt

import numpy as np
import numpy.typing as npt

from core import format as fmt
from core.checks.by_heart import LEARNED, Attempt
from core.checks.start_report import Finding, Verdict
from core.config.experiment import Experiment
from core.nn.arrays import Array

RECIPE = "Karpathy 2019, A recipe for training neural networks"
NOTES = "cs231n notes, Neural networks 3, sanity checks"
DATA_NOTES = "cs231n notes, Neural networks 2, data and initialisation"

OFF_CENTRE = (0.2, 1.0)
"""Distance of the inputs' mean from 0 up to which they pass, and up to which they are doubtful."""
SPREAD = (0.5, 2.0)
"""Deviation of the inputs from which and up to which they pass."""
WIDE_SPREAD = (0.1, 10.0)
"""The same for doubtful."""
EXTREME = 10.0
"""Largest input that passes: one of a pixel that hardly ever varies is far out."""

ABOVE_CHANCE = (1.5, 5.0)
"""Excess of the first loss over ln K up to which it passes, and up to which it is doubtful. Outputs
of variance 2, which weights after He et al. give, exceed it by about 1."""
BELOW_CHANCE = 0.5
"""Share of ln K below which a network seems to know something that it cannot know yet."""

OUTPUTS = (0.05, 3.0)
"""Deviation of the first outputs from which and up to which they pass."""
WIDE_OUTPUTS = (0.001, 10.0)
"""The same for doubtful."""
SAME = 0.001
"""Deviation from image to image below which all images have the same outputs."""

NEARLY = 0.5
"""Loss up to which images that were not learned by heart are doubtful and not failed."""
RESCUE_RATE = 1e-3
"""Rate of AdamW where the optimiser of the settings fails; the usual one, which works widely."""

USED = (0.5, 0.9)
"""Share of the loss without images up to which the loss with them passes, and is doubtful."""


def input_scale(x: Array) -> Finding:
    """Judge normalised images (N, H, W, C)."""
    mean, deviation = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
    largest = float(np.abs(x).max())
    constant = float((np.ptp(x, axis=0) == 0).mean())
    if abs(mean) > OFF_CENTRE[1] or not WIDE_SPREAD[0] <= deviation <= WIDE_SPREAD[1]:
        verdict = Verdict.FAILED
    elif abs(mean) > OFF_CENTRE[0] or not SPREAD[0] <= deviation <= SPREAD[1] or largest > EXTREME:
        verdict = Verdict.DOUBTFUL
    else:
        verdict = Verdict.PASSED
    measured = f"mean {_signed(mean)}, deviation {deviation:.2f}, largest {largest:.3g}"
    if constant:
        measured += f"; {100 * constant:.3g} % of the pixels never vary"
    return Finding(
        "input_scale",
        "Input scale",
        verdict,
        measured,
        f"mean within {OFF_CENTRE[0]:g} of 0, deviation {SPREAD[0]:g} to {SPREAD[1]:g}, largest "
        f"at most {EXTREME:g}",
        "The gradient of a weight is proportional to its input, so inputs of other scales need "
        "other rates.",
        DATA_NOTES,
        {"mean": mean, "deviation": deviation, "largest": largest, "constant": constant},
    )


def first_loss(loss: float, classes: int) -> Finding:
    """Judge the loss at the first update, for K classes."""
    chance = log(classes)
    if not loss <= chance + ABOVE_CHANCE[1]:  # also what is not a number
        verdict = Verdict.FAILED
    elif BELOW_CHANCE * chance <= loss <= chance + ABOVE_CHANCE[0]:
        verdict = Verdict.PASSED
    else:
        verdict = Verdict.DOUBTFUL
    return Finding(
        "first_loss",
        "First loss",
        verdict,
        f"{loss:.3g}; guessing costs ln {classes} = {chance:.2f}",
        f"from {BELOW_CHANCE * chance:.2f} to {chance + ABOVE_CHANCE[0]:.2f}",
        "A network that knows nothing must not be sure: a far larger loss is spent on unlearning "
        "its first weights.",
        RECIPE,
        {"loss": loss, "chance": chance},
    )


def first_outputs(logits: Array) -> Finding:
    """Judge the outputs (N, K) of the last layer before the first update."""
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(logits.std())
        over_images = sqrt(float(logits.var(axis=0).mean()))
    if not WIDE_OUTPUTS[0] <= deviation <= WIDE_OUTPUTS[1] or over_images < SAME:
        verdict = Verdict.FAILED
    elif OUTPUTS[0] <= deviation <= OUTPUTS[1]:
        verdict = Verdict.PASSED
    else:
        verdict = Verdict.DOUBTFUL
    return Finding(
        "first_outputs",
        "First outputs",
        verdict,
        f"deviation {deviation:.2g}, from image to image {over_images:.2g}",
        f"deviation {OUTPUTS[0]:g} to {OUTPUTS[1]:g}, from image to image above {SAME:g}",
        "Signals that grow or vanish on their way through the layers do the same to the "
        "gradients on their way back.",
        DATA_NOTES,
        {"deviation": deviation, "over_images": over_images},
    )


def by_heart(count: int, experiment: Experiment, own: Attempt, rescue: Attempt | None) -> Finding:
    """Judge the training on a few images alone.

    Args:
        count: number of images.
        experiment: its settings.
        own: how far it came with them.
        rescue: how far it came with AdamW; None if that was not needed.
    """
    best = own if rescue is None else min(own, rescue, key=lambda attempt: attempt.loss)
    if own.learned:
        verdict = Verdict.PASSED
    else:
        verdict = Verdict.DOUBTFUL if best.loss <= NEARLY else Verdict.FAILED
    if not isfinite(own.loss):
        ended = f"diverged at update {own.updates}"
    else:
        ended = f"loss {own.loss:.2g} after {own.updates} updates"
    measured = f"{count} images: {ended}"
    if rescue is not None:
        measured += f" at rate {fmt.number(experiment.eta_max)}"
        fate = f"{rescue.loss:.2g}" if isfinite(rescue.loss) else "diverged"
        measured += f"; AdamW at {fmt.number(RESCUE_RATE)}: {fate}"
        if rescue.learned:
            measured += ", so the rate or the optimiser is at fault"
    return Finding(
        "by_heart",
        "By heart",
        verdict,
        measured,
        f"loss at most {LEARNED:g}",
        "What cannot learn a few images by heart, without any regularisation, cannot learn many.",
        NOTES,
        {"images": count, "loss": own.loss, "updates": own.updates, "best_loss": best.loss},
    )


def without_images(seen: Attempt, blank: Attempt, labels: npt.NDArray[np.int64]) -> Finding:
    """Judge the same training on the same labels with every input 0.

    No training without images comes below the entropy of the labels, which it may not have reached
    in the few updates that suffice with images; so the lower of both counts.

    Args:
        seen: how far the training on the images came.
        blank: how far that on inputs of 0 came.
        labels: of the images (N,).
    """
    shares = np.bincount(labels) / len(labels)
    entropy = -float(sum(share * log(share) for share in shares if share))
    least = min(blank.loss, entropy)
    share = seen.loss / least if least > LEARNED else 1.0
    if not share <= USED[1]:  # also what is not a number
        verdict = Verdict.FAILED
    else:
        verdict = Verdict.PASSED if share <= USED[0] else Verdict.DOUBTFUL
    return Finding(
        "without_images",
        "Without images",
        verdict,
        f"loss {blank.loss:.2g} with inputs of 0, {seen.loss:.2g} with the images; the labels "
        f"alone allow {abs(entropy):.2g}",
        f"the images at least halve it, and the labels alone do not allow {LEARNED:g}",
        "If inputs of 0 do as well, the network does not use its input, or the labels can be "
        "guessed without it.",
        RECIPE,
        {"loss": seen.loss, "blank_loss": blank.loss, "entropy": abs(entropy)},
    )


def _signed(number: float) -> str:
    text = f"{number:.2f}"
    return "0.00" if text == "-0.00" else text
