"""The settings of a gradient check: reference, batch and tolerances."""

from typing import Literal, Self

from core.settings import setting, settings_of
from core.validation import CheckedSettings

CENTRAL_STEP = 1e-5
"""Step of central differences: a smaller one has less truncation error but more rounding error."""

COMPLEX_STEP = 1e-30
"""Step of the complex-step method, which has no subtraction and so no lower limit."""

NORMALISED = 10.0
"""Factor on the tolerance of single precision in networks with batch normalisation."""


class CheckSettings(CheckedSettings):
    """The settings of one gradient check, without the experiment.

    Raises:
        pydantic.ValidationError: from the constructor; `CheckSettings.of` raises `SettingError`,
            whose message is for the user.
    """

    reference: Literal["torch", "central", "complex"] = setting(
        "torch",
        "What the hand-written gradients are held against: PyTorch's autograd, central "
        "differences, or the complex step",
        label="reference",
    )
    dtype: Literal["float32", "float64"] = setting(
        "float32",
        "Number format of both sides against PyTorch; the other references need float64",
        label="number format",
    )
    batch_size: int = setting(
        10, "Images that the gradient is taken over", label="batch", unit="images", low=1, high=100
    )
    seed: int = setting(
        0,
        "Weights, images and probes follow from it",
        label="seed",
        low=0,
        high=2**31 - 1,
    )
    images: Literal["data", "random", "clear"] = setting(
        "data",
        "Training images, random pixels, or those training images of a larger draw that are "
        "farthest from a kink",
        label="images",
    )
    entries: int = setting(
        20,
        "Entries of every tensor that the numerical references probe one by one",
        label="entries",
        low=1,
        high=10_000,
        step=10,
    )
    directions: int = setting(
        3,
        "Random directions through every whole tensor, in which they probe v^T J u",
        label="directions",
        low=0,
        high=100,
    )
    eps: float = setting(
        1e-6,
        "Floor of the denominator of the relative error |a - b| / max(eps, |a| + |b|)",
        label="eps",
        low=1e-300,
        high=1,
        step=1e-12,
        scale="log",
    )
    tolerance_float32: float = setting(
        1e-6,
        "Largest norm-wise error against PyTorch in float32; ten times that with batch "
        "normalisation",
        label="float32",
        group="Tolerances",
        low=0,
        high=1,
        step=1e-18,
        scale="log",
    )
    tolerance_float64: float = setting(
        1e-10,
        "Largest norm-wise error against PyTorch in float64",
        label="float64",
        group="Tolerances",
        low=0,
        high=1,
        step=1e-18,
        scale="log",
    )
    tolerance_central: float = setting(
        1e-7,
        "Largest norm-wise error against central differences",
        label="central",
        group="Tolerances",
        low=0,
        high=1,
        step=1e-18,
        scale="log",
    )
    tolerance_complex: float = setting(
        1e-12,
        "Largest norm-wise error against the complex step",
        label="complex",
        group="Tolerances",
        low=0,
        high=1,
        step=1e-18,
        scale="log",
    )

    @property
    def working_dtype(self) -> str:
        """Number format of the hand-written gradient."""
        return self.dtype if self.reference == "torch" else "float64"

    @property
    def tolerance(self) -> float:
        """The tolerance that applies."""
        name = self.dtype if self.reference == "torch" else self.reference
        return float(getattr(self, f"tolerance_{name}"))

    def normalised(self) -> Self:
        """Return the settings for a network with batch normalisation.

        It removes the mean of a gradient, so sums such as the gradient of beta nearly cancel and
        mostly rounding errors remain, which accumulate over the layers: 1.2e-6 in single precision
        in `deep`.
        """
        return self.changed(tolerance_float32=min(1.0, NORMALISED * self.tolerance_float32))

    @property
    def reference_words(self) -> str:
        """The reference as text for the user."""
        words = {
            "torch": "PyTorch",
            "central": "central differences",
            "complex": "the complex step",
        }
        return words[self.reference]


CHECK_FIELDS = settings_of(CheckSettings)
"""All settings of a check, in the order in which the app shows them."""
