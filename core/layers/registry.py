"""The registry of the kinds of layer, and lists of layers as a field of settings."""

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, SerializeAsAny, ValidationError

from core.layers.spec import LayerSpec
from core.settings import quoted
from core.validation import explain

MAX_LAYERS = 64
"""Maximum number of layers in one list."""

MAX_TOTAL = 500
"""Maximum number of layers in a list and the lists within it."""

MAX_DEPTH = 4
"""Maximum depth of lists within lists."""


@cache
def kinds() -> dict[str, type[LayerSpec]]:
    """Return all kinds by name, in the order in which lists show them.

    Every module of this package is searched for subclasses of `LayerSpec`.
    """
    package = import_module("core.layers")
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        contents = vars(import_module(f"core.layers.{module.name}")).values()
        for spec in contents:
            if isinstance(spec, type) and issubclass(spec, LayerSpec):
                # Base classes have no kind of their own.
                for kind in get_args(spec.model_fields["kind"].annotation):
                    found[kind] = spec
    return dict(sorted(found.items(), key=lambda entry: (entry[1].group, entry[0])))


def parse(entries: Any) -> tuple[LayerSpec, ...]:
    """Return the layers of a list of tables, such as `{kind = "relu"}`.

    Raises:
        ValueError: in one sentence with the number of the layer, if an entry is no layer.
    """
    if not isinstance(entries, list | tuple):
        raise ValueError(f"{quoted(entries)} is no list of layers")
    if not 1 <= len(entries) <= MAX_LAYERS:
        raise ValueError(f"it has {len(entries)} layers; it needs 1 to {MAX_LAYERS}")
    _check_nesting(entries)
    return tuple(_parsed(entry, number) for number, entry in enumerate(entries, 1))


Layers = Annotated[tuple[SerializeAsAny[LayerSpec], ...], BeforeValidator(parse)]
"""A list of layers of any kind as a field of settings."""


def _parsed(entry: Any, number: int) -> LayerSpec:
    if isinstance(entry, LayerSpec):
        return entry
    if not isinstance(entry, dict):
        raise ValueError(
            f'layer {number}: {quoted(entry)} is no layer; write a table, such as {{kind = "relu"}}'
        )
    if "kind" not in entry:
        raise ValueError(f"layer {number} needs a kind: one of {', '.join(kinds())}")
    kind = entry["kind"]
    spec = kinds().get(kind) if isinstance(kind, str) else None
    if spec is None:
        raise ValueError(
            f"layer {number}: there is no layer {quoted(kind)}; there are {', '.join(kinds())}"
        )
    try:
        return spec.model_validate(entry)
    except ValidationError as error:
        raise ValueError(f"layer {number} ({kind}): {explain(spec, error)}") from None


def _check_nesting(entries: Sequence[Any]) -> None:
    """Check how deep lists stand in each other, and the number of layers in all of them."""
    level, total = list(entries), 0
    for _ in range(MAX_DEPTH):
        total += len(level)
        if total > MAX_TOTAL:
            raise ValueError(f"it has more than {MAX_TOTAL} layers in all")
        level = [inner for entry in level for inner in _inner(entry)]
    if level:
        raise ValueError(f"its lists of layers stand more than {MAX_DEPTH} deep in each other")


def _inner(entry: Any) -> Sequence[Any]:
    fields = entry if isinstance(entry, dict) else getattr(entry, "__dict__", {})
    layers = fields.get("layers")
    return layers if isinstance(layers, list | tuple) else ()
