"""Which values of a strip lie outside of the thresholds of the warnings."""

import numpy as np
import numpy.typing as npt

from core import format as fmt
from core.config.experiment import Experiment
from core.training.health_strip import Quantity, Strip
from core.training.health_thresholds import HealthThresholds
from core.training.history import History


def outside(
    strip: Strip, history: History, experiment: Experiment, thresholds: HealthThresholds
) -> npt.NDArray[np.bool_]:
    """Return which values are outside, bool (rows, columns); a value that is not a number is.

    The rules are those of `health_warnings`, value by value: ratios count for weights and not for
    biases, small ratios only where the rate is at least half of the highest and no weight has a
    larger one, and the deviation after the first update only.

    Args:
        strip: the values.
        history: the history that they are of.
        experiment: the settings that the run began with.
        thresholds: from where on something is wrong.
    """
    values = strip.values
    found: npt.NDArray[np.bool_] = np.isnan(values)
    if strip.quantity == "gradient":
        found |= ~(values <= thresholds.gradient)
    elif strip.quantity == "silent":
        found |= values > thresholds.silent
    elif strip.quantity == "deviation":
        found |= (values < thresholds.signal) & (strip.at == 1)
    elif strip.quantity == "ratio":
        weights = np.array([name.endswith(".weight") for name in strip.names], bool)[:, None]
        found |= ~(values <= thresholds.ratio_high) & weights
        if weights.any():
            rates = history.updates.read()["rate"]
            # Of a training at work, a row may be there before its update.
            at = np.minimum(strip.updates, len(rates)) - 1
            high = rates[at] >= experiment.eta_max / 2 if len(rates) else np.zeros(len(at), bool)
            due = high & (strip.updates >= thresholds.patience)
            low = values[weights[:, 0]].max(axis=0) < thresholds.ratio_low
            found |= weights & due & low
    return found


def described(quantity: Quantity, thresholds: HealthThresholds) -> str:
    """Return what of a quantity is outside, in words; empty if it has no threshold."""
    return {
        "ratio": f"weights above {fmt.number(thresholds.ratio_high)} or below "
        f"{fmt.number(thresholds.ratio_low)}",
        "gradient": f"above {thresholds.gradient:g}",
        "silent": f"above {fmt.percent(thresholds.silent, 0)}",
        "deviation": f"below {thresholds.signal:g} at first",
    }.get(quantity, "")
