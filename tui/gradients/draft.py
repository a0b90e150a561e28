"""Settings of the gradient check that have no effect."""

from core.checks.settings import CheckSettings

PROBES = ("entries", "directions")
"""Settings that only finite differences and complex steps use."""


def unused(check: CheckSettings) -> dict[str, str]:
    """Return, for each setting without effect, the reason."""
    torch = check.reference == "torch"
    reasons = {}
    if torch:
        for name in PROBES:
            reasons[name] = "no effect against PyTorch, which gives every entry at once"
    else:
        reasons["dtype"] = f"no effect against {check.reference_words}"
    applies = check.dtype if torch else check.reference
    against = f"{check.reference_words}{f' in {check.dtype}' if torch else ''}"
    for name in ("float32", "float64", "central", "complex"):
        if name != applies:
            reasons[f"tolerance_{name}"] = f"no effect against {against}"
    return reasons
