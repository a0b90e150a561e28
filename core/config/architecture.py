"""The description of an architecture as a list of layers.

The published networks (one patchify convolution, one hidden layer) have a short form,
filter x filter / filters / hidden units, such as `4x4/10/50`.
"""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationError

from core.settings import SettingError, Settings, quoted, setting
from core.validation import explain, explain_entry

CLASSES = 10
"""Number of classes of all supported data sets, and so of units of the last linear layer."""


MAX_LAYERS = 64


class LayerSpec(Settings):
    """Base class of the layers in an architecture."""

    kind: str

    def title(self) -> str:
        """Return a short description of the layer for tables."""
        return self.kind


class Conv(LayerSpec):
    """A 2-D convolution with square filters."""

    kind: Literal["conv"] = "conv"
    filter: int = setting(
        3, "Height and width of a filter", label="filter", unit="pixels", low=1, high=64
    )
    filters: int = setting(
        16, "Number of filters, the channels that come out", label="filters", low=1, high=1024
    )
    stride: int = setting(
        1,
        "Pixels from one filter position to the next",
        label="stride",
        unit="pixels",
        low=1,
        high=64,
    )
    padding: int = setting(
        0, "Zeros added around the input", label="padding", unit="pixels", low=0, high=32
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"conv {self.filter}x{self.filter}, {self.filters} filters{_tail(self)}"


class Conv1d(LayerSpec):
    """A 1-D convolution; an image is read as a sequence of its rows."""

    kind: Literal["conv1d"] = "conv1d"
    filter: int = setting(
        3, "Steps that a filter covers", label="filter", unit="steps", low=1, high=64
    )
    filters: int = setting(
        32, "Number of filters, the channels that come out", label="filters", low=1, high=1024
    )
    stride: int = setting(
        1,
        "Steps from one filter position to the next",
        label="stride",
        unit="steps",
        low=1,
        high=64,
    )
    padding: int = setting(
        0, "Zeros added at both ends", label="padding", unit="steps", low=0, high=32
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"conv1d {self.filter}, {self.filters} filters{_tail(self)}"


class Pool(LayerSpec):
    """Max pooling."""

    kind: Literal["pool"] = "pool"
    filter: int = setting(
        2, "Height and width of a window", label="window", unit="pixels", low=1, high=64
    )
    stride: int = setting(
        2, "Pixels from one window to the next", label="stride", unit="pixels", low=1, high=64
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"max pool {self.filter}x{self.filter}{_tail(self)}"


class AvgPool(LayerSpec):
    """Average pooling."""

    kind: Literal["avgpool"] = "avgpool"
    filter: int = setting(
        2, "Height and width of a window", label="window", unit="pixels", low=1, high=64
    )
    stride: int = setting(
        2, "Pixels from one window to the next", label="stride", unit="pixels", low=1, high=64
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"average pool {self.filter}x{self.filter}{_tail(self)}"


class GlobalPool(LayerSpec):
    """Global average pooling: the mean of each channel over the whole image."""

    kind: Literal["globalpool"] = "globalpool"

    def title(self) -> str:
        """Return a short description of the layer."""
        return "global average pool"


class BatchNorm(LayerSpec):
    """Batch normalisation; the convolution or linear layer before it has no bias."""

    kind: Literal["batchnorm"] = "batchnorm"

    def title(self) -> str:
        """Return a short description of the layer."""
        return "batch norm"


class Dropout(LayerSpec):
    """Dropout: sets random values to zero in training."""

    kind: Literal["dropout"] = "dropout"
    probability: float = setting(
        0.5,
        "Chance that a value becomes 0 in training; the others grow to make up for it",
        label="probability",
        low=0,
        high=0.95,
        step=0.05,
    )

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"dropout {self.probability:g}"


class Relu(LayerSpec):
    """The rectified linear unit (ReLU)."""

    kind: Literal["relu"] = "relu"


class Flatten(LayerSpec):
    """Reshape of an image to a vector."""

    kind: Literal["flatten"] = "flatten"


class Linear(LayerSpec):
    """A fully connected layer; a flatten before it is implied."""

    kind: Literal["linear"] = "linear"
    units: int = setting(50, "Number of outputs", label="units", low=1, high=4096)

    def title(self) -> str:
        """Return a short description of the layer."""
        return f"linear {self.units}"


LAYER_KINDS: dict[str, type[LayerSpec]] = {
    "conv": Conv,
    "conv1d": Conv1d,
    "pool": Pool,
    "avgpool": AvgPool,
    "globalpool": GlobalPool,
    "batchnorm": BatchNorm,
    "relu": Relu,
    "dropout": Dropout,
    "flatten": Flatten,
    "linear": Linear,
}


SHIFTED = (Pool, AvgPool, GlobalPool, Flatten)
"""Layers through which a constant that is added to a channel passes unchanged."""


def biased(layers: tuple[LayerSpec, ...], index: int) -> bool:
    """Return whether the convolution or linear layer at `index` has a bias.

    Batch normalisation subtracts the mean and with it a bias of the layer before. The bias would
    have no effect, and its gradient would be rounding error.
    """
    following = (layer for layer in layers[index + 1 :] if not isinstance(layer, SHIFTED))
    return not isinstance(next(following, None), BatchNorm)


def _no_layer(kind: object) -> str:
    return f"there is no layer {quoted(kind)}; there are {', '.join(LAYER_KINDS)}"


def _with_text_for_kind(value: object) -> object:
    # Python cannot format integers of more than 4,300 digits, and pydantic would raise for them.
    if isinstance(value, dict) and not isinstance(value.get("kind", ""), str):
        raise ValueError(_no_layer(value["kind"]))
    return value


AnyLayer = Annotated[
    Conv | Conv1d | Pool | AvgPool | GlobalPool | BatchNorm | Relu | Dropout | Flatten | Linear,
    Field(discriminator="kind"),
    BeforeValidator(_with_text_for_kind),
]


class ShortForm:
    """The short form of the published architectures."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"([0-9]{1,6})x([0-9]{1,6})/([0-9]{1,6})/([0-9]{1,6})"
    )

    @classmethod
    def expand(cls, text: str) -> tuple[LayerSpec, ...]:
        """Return the layers of a short form such as `4x4/10/50`.

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
                Linear(units=CLASSES),
            )
        except ValidationError as error:
            model = Linear if error.title == "Linear" else Conv
            raise ValueError(f"{text!r}: {explain(model, error)}") from None

    @classmethod
    def of(cls, layers: tuple[LayerSpec, ...]) -> str | None:
        """Return the short form of `layers`, or None if they have none."""
        match layers:
            case (Conv() as conv, Relu(), Linear() as hidden, Relu(), Linear()):
                text = f"{conv.filter}x{conv.filter}/{conv.filters}/{hidden.units}"
                return text if cls.expand(text) == layers else None
            case _:
                return None


def _from_short(value: Any) -> Any:
    return ShortForm.expand(value) if isinstance(value, str) else value


def _tail(spec: Any) -> str:
    stride = f", /{spec.stride}" if spec.stride != 1 else ""
    padding = getattr(spec, "padding", 0)
    return stride + (f", +{padding}" if padding else "")


Architecture = Annotated[
    tuple[AnyLayer, ...], Field(min_length=1, max_length=MAX_LAYERS), BeforeValidator(_from_short)
]


def explain_layers(entry: Any) -> SettingError:
    """Return one of pydantic's validation errors as a sentence with the layer number, from 1."""
    path, kind, given = entry["loc"], entry["type"], entry.get("input")
    if len(path) < 2:
        reason = str(entry["msg"]).removeprefix("Value error, ")
        if kind in ("too_short", "too_long"):
            reason = f"it has {len(given)} layers; it needs 1 to {MAX_LAYERS}"
        elif kind != "value_error":
            reason = (
                f'{quoted(given)} is no architecture; write the short form, such as "4x4/10/50", '
                "or a list of layers"
            )
        return SettingError("architecture", reason)
    number = f"layer {int(path[1]) + 1}"
    if len(path) >= 4:
        model = LAYER_KINDS[str(path[2])]
        reason = f"{number} ({path[2]}): {explain_entry(model, entry, 3)}"
    elif kind == "union_tag_invalid":
        reason = f"{number}: {_no_layer(given.get('kind'))}"
    elif kind == "value_error":
        reason = f"{number}: {str(entry['msg']).removeprefix('Value error, ')}"
    elif kind == "union_tag_not_found":
        reason = f"{number} needs a kind: one of {', '.join(LAYER_KINDS)}"
    else:
        reason = f'{number}: {quoted(given)} is no layer; write a table, such as {{kind = "relu"}}'
    return SettingError("architecture", reason)
