"""Which images are shown: of what split and class, or the copies of which one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Images, Split
from core.text_out import visible
from core.training.copies import AugmentedCopy, Copies

SPLITS = {"train": "training", "validation": "validation", "test": "test"}
"""Words for the splits, by the names of core.data."""

ALL = "all classes"


@dataclass(frozen=True, eq=False)
class Item:
    """One picture of the list: an image, or a copy of one."""

    image: Images
    """Pixels (H, W, C)."""
    row: int
    """Index of the image in its split."""
    name: str
    """Name of its class."""
    copy: AugmentedCopy | None = None
    """What was done to it; None for the image itself."""
    original: bool = False
    """Whether it is the image itself at the head of its copies."""


class ImageBook:
    """A list of images with a cursor, independent of the screen.

    It holds the images of one split and class; or, while `copies` is set, the image under the
    cursor followed by its augmented copies.
    """

    def __init__(self) -> None:
        self.dataset: Dataset | None = None
        self.split = "train"
        self.label: int | None = None
        """Index of the only class shown; None for all."""
        self.copies: Copies | None = None
        self._rows: npt.NDArray[np.intp] = np.empty(0, np.intp)
        self._at = self._copy_at = 0

    # What is shown

    def take(self, dataset: Dataset | None) -> None:
        """Show another data set, at the same place as far as it has one."""
        self.dataset, self.copies = dataset, None
        if dataset is not None and self.label is not None and self.label >= len(dataset.classes):
            self.label = None
        self._select(None)

    @property
    def images(self) -> Split | None:
        """The images of the split; None before there is a data set."""
        return None if self.dataset is None else dict(self.dataset.splits)[self.split]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, for display; none before there is a data set."""
        return () if self.dataset is None else tuple(map(visible, self.dataset.classes))

    @property
    def class_words(self) -> str:
        """The class that is shown, or that all are."""
        return ALL if self.label is None or not self.classes else self.classes[self.label]

    @property
    def row(self) -> int | None:
        """Index in the split of the image under the cursor; None without images."""
        return int(self._rows[self._at]) if len(self._rows) else None

    @property
    def cursor(self) -> int:
        """Place of the cursor in the list."""
        return self._at if self.copies is None else self._copy_at

    def __len__(self) -> int:
        """Return the number of items in the list."""
        return len(self._rows) if self.copies is None else 1 + len(self.copies)

    def page(self, size: int) -> range:
        """Return the places of the page of `size` items with the cursor."""
        first = self.cursor // size * size
        return range(first, min(first + size, len(self)))

    def items(self, places: range) -> list[Item]:
        """Return the items at places that follow each other."""
        images = self.images
        if images is None or not places:
            return []
        classes = self.classes
        if self.copies is None:
            rows = self._rows[places.start : places.stop].tolist()
            return [Item(images.images[row], row, classes[images.labels[row]]) for row in rows]
        row = int(self._rows[self._at])
        name = classes[images.labels[row]]
        whole = [Item(images.images[row], row, name, original=True)] if not places.start else []
        taken = self.copies.take(max(0, places.start - 1), len(places) - len(whole))
        return [*whole, *(Item(copy.image, row, name, copy) for copy in taken)]

    # Moving

    def move(self, step: int) -> None:
        """Move the cursor by `step` places, at most to an end of the list."""
        at = max(0, min(self.cursor + step, len(self) - 1))
        if self.copies is None:
            self._at = at
        else:
            self._copy_at = at

    def next_split(self) -> None:
        """Show the next split."""
        names = list(SPLITS)
        self.choose_split(names[(names.index(self.split) + 1) % len(names)])

    def choose_split(self, name: str) -> None:
        """Show a split from its first image on."""
        self.split = name
        self._at = 0
        self._select(None)

    def next_class(self) -> None:
        """Show the next class; all after the last."""
        at = 0 if self.label is None else self.label + 1
        self.choose_class(at if at < len(self.classes) else None)

    def choose_class(self, label: int | None) -> None:
        """Show only one class, with the cursor on the same image if that is of the class."""
        if label != self.label:
            row, self.label = self.row, label
            self._at = 0
            self._select(row)

    def reason(self, text: str) -> str | None:
        """Return why `find` finds nothing by a text, in one sentence; None if it does."""
        images = self.images
        if images is None:
            return "there are no images"
        text = text.strip()
        number = text.replace(",", "").replace("_", "")
        if number.isdecimal():
            count = len(images)
            if not count:
                return f"there are no {SPLITS[self.split]} images"
            if len(number) > 18 or int(number) >= count:
                return f"the {SPLITS[self.split]} images have the numbers 0 to {count - 1:,}"
            return None
        found = self._named(text)
        if len(found) == 1 or not text:
            return None
        if found:
            return f"{text} may be {' or '.join(self.classes[label] for label in found[:3])}"
        return f"no class is named {text}; write a number, or the beginning of a name"

    def find(self, text: str) -> None:
        """Go to the image of a number, show the class of a name, or all for an empty text.

        A class that hides the image is shown no longer. A text with a `reason` changes nothing.
        """
        if self.reason(text) is not None:
            return
        text = text.strip()
        number = text.replace(",", "").replace("_", "")
        images = self.images
        self.copies = None
        if number.isdecimal() and images is not None:
            if self.label is not None and images.labels[int(number)] != self.label:
                self.label = None
            self._select(int(number))
        else:
            self.choose_class(self._named(text)[0] if text else None)

    def _named(self, text: str) -> list[int]:
        """Return the classes whose name is a text, or else those that begin with it."""
        names = [name.lower() for name in self.classes]
        wanted = text.lower()
        exact = [label for label, name in enumerate(names) if name == wanted]
        return exact or [label for label, name in enumerate(names) if name.startswith(wanted)]

    def _select(self, row: int | None) -> None:
        """List the images of split and class, with the cursor on a row if it is among them."""
        self.copies = None
        images = self.images
        if images is None:
            self._rows = np.empty(0, np.intp)
        elif self.label is None:
            self._rows = np.arange(len(images))
        else:
            self._rows = np.flatnonzero(images.labels == self.label)
        if row is not None and row in self._rows:
            self._at = int(np.searchsorted(self._rows, row))
        if len(self._rows):  # until other images are read, the place is remembered
            self._at = min(self._at, len(self._rows) - 1)

    # Copies

    def copies_refusal(self, experiment: Experiment) -> str:
        """Return why the copies of the image cannot be shown, in a line; empty if they can."""
        if self.row is None:
            return "there is no image"
        if experiment.augmentation == "none":
            return "augmentation is none in Configure ({configure}), so there are no copies"
        if self.split != "train":
            return "only training images are augmented"
        return ""

    def open_copies(self, experiment: Experiment) -> None:
        """List the image under the cursor and its copies, with the cursor on the same place."""
        row, images = self.row, self.images
        if row is None or images is None or self.copies_refusal(experiment):
            self.copies = None
            return
        if self.copies is None:
            self._copy_at = 0
        self.copies = Copies(experiment, images, row)
        self._copy_at = min(self._copy_at, len(self.copies))

    def close_copies(self) -> None:
        """List the images again."""
        self.copies = None
