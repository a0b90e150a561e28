"""Settings of the images: augmentation, data set and normalisation."""

from typing import Annotated, Literal

from core.data import known
from core.settings import OneOf, setting
from core.validation import CheckedSettings


class ImageSettings(CheckedSettings):
    """What the network sees."""

    augmentation: Literal["none", "offline", "fresh"] = setting(
        "none",
        "Flips and shifts: as more images made once, or drawn anew for every image in every epoch",
        label="augmentation",
        group="Augmentation",
    )
    copies: int = setting(
        24_500,
        "Images that offline augmentation adds",
        label="copies",
        group="Augmentation",
        unit="images",
        low=1,
        high=200_000,
        step=500,
    )
    flip_probability: float = setting(
        0.5,
        "Chance that an augmented image is mirrored",
        label="flip chance",
        group="Augmentation",
        low=0,
        high=1,
        step=0.05,
    )
    largest_shift: int = setting(
        3,
        "Farthest that an augmented image is moved, each way",
        also=("crop",),
        label="largest shift",
        group="Augmentation",
        unit="pixels",
        low=0,
        high=16,
    )

    dataset: Annotated[str, OneOf(known.names)] = setting(
        known.AUTO,
        "CIFAR-10 where it is found and else the built-in shapes, or a set by name",
        also=("data",),
        label="data set",
        group="Data",
    )
    validation_size: int = setting(
        1000,
        "Training images set aside to choose settings by",
        label="validation set",
        group="Data",
        unit="images",
        low=100,
        high=10_000,
        step=100,
    )
    normalisation: Literal["pixel", "channel"] = setting(
        "pixel",
        "Mean and deviation of the training set, for every pixel or for every channel",
        label="normalisation",
        group="Data",
    )
