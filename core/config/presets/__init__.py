"""The built-in presets, one TOML file each."""

from functools import cache
from importlib.resources import files

from core.config.experiment import Experiment
from core.settings import SettingError

ORDER = (
    "arch-1",
    "arch-2",
    "arch-3",
    "arch-4",
    "arch-5",
    "arch-6",
    "arch-7",
    "final",
    "best-short",
    "best",
    "lenet",
    "conv1d",
    "deep",
    "resnet",
)
DEFAULT = "arch-2"
"""The initial preset, which learns within seconds."""


@cache
def load(name: str) -> Experiment:
    """Return the preset called `name`.

    Raises:
        SettingError: if there is none.
    """
    if name not in ORDER:
        raise SettingError("", f"there is no preset {name!r}; there are {', '.join(ORDER)}")
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return Experiment.from_toml(f'name = "{name}"\n{text}', name)
