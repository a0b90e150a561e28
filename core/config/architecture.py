"""The description of an architecture as a list of layers.

The published networks (one patchify convolution, one hidden layer) have a short form,
filter x filter / filters / hidden units, such as `4x4/10/50`.
"""

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, SerializeAsAny, ValidationError

from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.registry import parse
from core.layers.relu import Relu
from core.layers.spec import LayerSpec
from core.settings import quoted
from core.validation import explain


class ShortForm:
    """The short form of the published architectures."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"([0-9]{1,6})x([0-9]{1,6})/([0-9]{1,6})/([0-9]{1,6})"
    )

    @classmethod
    def expand(cls, text: str, classes: int) -> tuple[LayerSpec, ...]:
        """Return the layers of a short form such as `4x4/10/50`.

        Args:
            text: the short form.
            classes: number of classes of the data set, and so of units of the last layer.

        Raises:
            ValueError: if `text` is not a short form.

        """
        match = cls.PATTERN.fullmatch(text.replace(" ", ""))
        if match is None or match[1] != match[2]:
            raise ValueError(
                f"{quoted(text)} is no architecture; the short form is "
                "filter x filter / filters / hidden, such as 4x4/10/50"
            )
        side, filters, hidden = int(match[1]), int(match[3]), int(match[4])
        try:
            return (
                Conv(filter=side, filters=filters, stride=side),
                Relu(),
                Linear(units=hidden),
                Relu(),
                Linear(units=classes),
            )
        except ValidationError as error:
            model = Linear if error.title == "Linear" else Conv
            raise ValueError(f"{text!r}: {explain(model, error)}") from None

    @classmethod
    def of(cls, layers: tuple[LayerSpec, ...], classes: int) -> str | None:
        """Return the short form of a network for some classes, or None if it has none."""
        match layers:
            case (Conv(filter=int()) as conv, Relu(), Linear() as hidden, Relu(), Linear()):
                text = f"{conv.filter}x{conv.filter}/{conv.filters}/{hidden.units}"
                return text if cls.expand(text, classes) == layers else None
            case _:
                return None


def for_classes(layers: tuple[LayerSpec, ...], before: int, after: int) -> tuple[LayerSpec, ...]:
    """Return the layers of a network for another number of classes: its last layer has one each.

    Args:
        layers: the layers.
        before: number of classes that the last layer may be for.
        after: number of classes that it is to be for.
    """
    *others, last = layers
    if not isinstance(last, Linear) or last.units != before:
        return layers
    return (*others, Linear(units=after))


def _parsed(value: Any) -> tuple[LayerSpec, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(
            f'{quoted(value)} is no architecture; write the short form, such as "4x4/10/50", '
            "or a list of layers"
        )
    return parse(value)


Architecture = Annotated[tuple[SerializeAsAny[LayerSpec], ...], BeforeValidator(_parsed)]
