"""All figures, drawn with Matplotlib."""

from core.figures import matplotlib_import

matplotlib_import.load()
