"""Where data sets and saved models live."""

import os
from pathlib import Path

from core import paths

HOME_VARIABLE = "CONVSOLE_HOME"


def home() -> Path:
    """Return the folder that holds `data` and `saved_models`.

    The environment variable CONVSOLE_HOME where it is set; else the checkout that this file is
    part of; else the user's data folder. Nothing is created.
    """
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return paths.expanded(Path(named)).absolute()
    checkout = Path(__file__).resolve().parents[2]
    if _is_checkout(checkout):
        return checkout
    # Only an installed copy needs it.
    import platformdirs

    return platformdirs.user_data_path("convsole")


def data_folder() -> Path:
    """Return the folder for data sets. It need not exist; who writes to it creates it."""
    return home() / "data"


def saved_models_folder() -> Path:
    """Return the folder for runs and weights. It need not exist; who writes to it creates it."""
    return home() / "saved_models"


def _is_checkout(folder: Path) -> bool:
    """Tell whether `folder` is the project's own: some packages drop theirs in site-packages."""
    try:
        return 'name = "convsole"' in (folder / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
