"""The folders of data sets and saved models."""

import os
from pathlib import Path

from core import paths

HOME_VARIABLE = "CONVSOLE_HOME"


def home() -> Path:
    """Return the folder that contains `data`, `saved_models` and `cache`.

    It is the environment variable CONVSOLE_HOME if that is set, else the checkout that contains
    this file, else the user's data folder. The function does not create it.
    """
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return paths.expanded(Path(named)).absolute()
    checkout = Path(__file__).resolve().parents[2]
    if _is_checkout(checkout):
        return checkout
    # Imported here, because only an installed copy needs it.
    import platformdirs

    return platformdirs.user_data_path("convsole")


def data_folder() -> Path:
    """Return the folder of data sets, which need not exist yet."""
    return home() / "data"


def saved_models_folder() -> Path:
    """Return the folder of runs and weights, which need not exist yet."""
    return home() / "saved_models"


def cache_folder() -> Path:
    """Return the folder of what can be computed again, which need not exist yet."""
    return home() / "cache"


def _is_checkout(folder: Path) -> bool:
    """Return whether `folder` contains this project's pyproject.toml.

    The name is checked, because some packages install their own file in site-packages.
    """
    try:
        return 'name = "convsole"' in (folder / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
