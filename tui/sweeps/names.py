"""Short names of settings, for headings and axes."""

from core.config.experiment import FIELDS_BY_NAME
from core.format import cut
from core.sweeps.places import ACCURACY


def brief(name: str, width: int = 12) -> str:
    """Return a name in at most `width` columns: the symbol, or the end of a path.

    Args:
        name: name of a setting, such as `eta_max` or `architecture.3.units`, or of the accuracy.
        width: columns.
    """
    if name == ACCURACY:
        return cut("best val.", width)
    field = FIELDS_BY_NAME.get(name)
    if field is not None:
        return cut(field.symbol or name, width)
    parts = name.split(".")
    short = ".".join(parts[-2:]) if len(parts) > 2 else parts[-1]
    return cut(short, width)
