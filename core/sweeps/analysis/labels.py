"""What settings are called on the screen and in figures: the same as in Configure."""

from core.config.experiment import FIELDS_BY_NAME
from core.sweeps.analysis.places import ACCURACY
from core.sweeps.definition import layer_paths

VALIDATION = "validation"
"""Label of the accuracy that trials are compared by."""

NETWORK = "network"
"""Label of a whole architecture."""


def label(name: str) -> str:
    """Return the label of a setting, of a part of the architecture, or of the accuracy.

    Args:
        name: as a study's file has it, such as `eta_max` or `architecture.3.units`; or `ACCURACY`.
    """
    if name == ACCURACY:
        return VALIDATION
    if name == layer_paths.WHOLE:
        return NETWORK
    field = FIELDS_BY_NAME.get(name)
    return field.label if field is not None else name.removeprefix(layer_paths.PREFIX)
