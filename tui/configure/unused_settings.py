"""Settings of an experiment that have no effect."""

from core.config.experiment import Experiment


def unused(experiment: Experiment) -> dict[str, str]:
    """Return, for each setting without effect, the reason."""
    reasons: dict[str, str] = {}
    if experiment.schedule == "constant":
        for name in ("eta_min", "decay"):
            reasons[name] = "no effect while the schedule is constant"
    if experiment.schedule in ("one-cycle", "cosine"):
        reasons["decay"] = "no effect on a single cycle"
    else:
        reasons["warmup"] = "no effect unless the schedule is one-cycle or cosine"
    if experiment.cycles == 1:
        for name in ("growth", "decay"):
            reasons.setdefault(name, "no effect on a single cycle")
    if experiment.optimiser == "adamw":
        for name in ("momentum", "nesterov"):
            reasons[name] = "no effect on AdamW"
    else:
        for name in ("beta1", "beta2"):
            reasons[name] = "no effect unless the optimiser is adamw"
        if not experiment.momentum:
            reasons["nesterov"] = "no effect without momentum"
    if experiment.augmentation == "none":
        for name in ("copies", "flip_probability", "largest_shift"):
            reasons[name] = "no effect without augmentation"
    if experiment.augmentation == "fresh":
        reasons["copies"] = "no effect on fresh augmentation, which adds no images"
    return reasons
