"""Which keys each area of the screen has."""

from importlib import import_module

from textual.binding import Binding

from tui.keymap.verbs import VERBS

AREAS = {
    "configure": "Configure",
    "lr_finder": "The range test of Configure",
    "start_check": "The check of Configure",
    "train": "Train",
    "gradients": "Gradients",
    "benchmark": "Benchmark",
    "runs": "Runs",
    "inspect": "Inspect, in Runs",
    "reproduce": "Reproduce",
    "explain": "Explain",
    "data": "Data",
    "sweeps": "Sweeps",
    "guide": "The guide",
}
"""Title of each area by its folder, in the order of the panes."""


def bindings(area: str) -> list[Binding]:
    """Return the bindings of an area that are not the same in every list, each action once."""
    # By name: an import would point from the key map up to the areas.
    module = import_module(f"tui.{area}.keys")
    lists = [value for name, value in vars(module).items() if name.endswith("_KEYS")]
    found: dict[tuple[str, str], Binding] = {}
    for binding in (each for one in lists for each in one):
        if isinstance(binding, Binding) and binding.id in VERBS:
            found.setdefault((binding.id, binding.tooltip), binding)
    return list(found.values())
