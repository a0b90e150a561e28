"""Texts about images: captions, titles, and the explanation of the one under the cursor."""

from core import format as fmt
from core.config.experiment import Experiment
from core.data import known
from core.format import first_fitting
from core.training.copies import AugmentedCopy
from tui.data.view_model import SPLITS, ImageBook, Item
from tui.keymap.keys import fill

HINTS = (
    "{filter} finds · {page_down} {page_up} pages · {more} {fewer} size · {fold} numbers",
    "{filter} finds · {page_down} {page_up} pages · {fold} numbers",
    "{filter} finds · {page_down} {page_up} pages",
    "",
)
"""Forms of the text on the border of the images, the longest first."""

COPY_HINTS = ("↔ mirrored, ↑↓←→ moved, = neither · {close} goes back", "{close} goes back", "")
"""The same while copies are shown."""


def titles(book: ImageBook, places: range) -> list[str]:
    """Return titles of the pictures, from the longest to the shortest."""
    dataset = book.dataset
    if dataset is None:
        return ["Images"]
    name = known.title(dataset.name)
    shown = "none" if not places else f"{places.start + 1:,} to {places.stop:,} of {len(book):,}"
    if book.copies is not None:
        what = f"Training image {book.row:,} and its copies"
        short = f"Image {book.row:,} and its copies"
        return [f"{what} ─ {name}, {shown}", f"{what} ─ {shown}", f"{short} ─ {shown}", short]
    what = f"{SPLITS[book.split].capitalize()}, {book.class_words}"
    return [f"{what} ─ {name}, {shown}", f"{what} ─ {shown}", what]


def instead(book: ImageBook, name: str, reason: str) -> str:
    """Return what is said instead of pictures; empty while there are some.

    Args:
        book: what is shown.
        name: the data set that is being read.
        reason: why it could not be read; empty otherwise.
    """
    if reason:
        return f"✗ {reason}"
    if book.dataset is None:
        return f"reading {known.title(name)}…"
    return "" if len(book) else f"no {SPLITS[book.split]} image is of {book.class_words}"


def nothing(book: ImageBook, reason: str) -> str:
    """Return why nothing can be done with images, in a line; empty if there are some."""
    if reason:
        return "there are no images to show"
    if book.dataset is None:
        return "the images are being read"
    return "" if len(book) else "there is no such image"


def caption(item: Item, augmentation: str, width: int) -> str:
    """Return the caption of an item, in the longest form that fits.

    A copy is told by signs: ↔ mirrored, arrows with pixels for the shift, = for neither.
    """
    if item.original:
        return first_fitting(width, f"{item.row:,} {item.name}", "original")
    if item.copy is None:
        return f"{item.row:,} {item.name}"
    copy = item.copy
    done = " ".join(
        part
        for part in (
            "↔" * copy.flip,
            f"{'↓' if copy.dy > 0 else '↑'}{abs(copy.dy)}" if copy.dy else "",
            f"{'→' if copy.dx > 0 else '←'}{abs(copy.dx)}" if copy.dx else "",
        )
        if part
    )
    word = "epoch" if augmentation == "fresh" else "copy"
    return first_fitting(
        width, f"{word} {copy.number:,} {done or '='}", f"{copy.number:,} {done or '='}"
    )


def lines(item: Item, augmentation: str) -> list[str]:
    """Return the lines of a caption where there is room for words."""
    if item.copy is None:
        return [f"{item.row:,} {item.name}"]
    word = "epoch" if augmentation == "fresh" else "copy"
    return [f"{word} {item.copy.number:,}", *done_to(item.copy).split(", then ")]


def note(experiment: Experiment) -> str:
    """Return how the copies of an image are drawn."""
    return (
        f"flip chance {experiment.flip_probability:g}, largest shift {experiment.largest_shift}, "
        f"seed {experiment.seed}"
    )


def done_to(copy: AugmentedCopy) -> str:
    """Return what was done to a copy, in words."""
    shifts = [
        f"{abs(by)} {words[by < 0]}"
        for by, words in ((copy.dy, ("down", "up")), (copy.dx, ("right", "left")))
        if by
    ]
    moved = f"moved {' and '.join(shifts)}" if shifts else ""
    return ", then ".join(filter(None, ("mirrored" * copy.flip, moved))) or "as it is"


def explanation(item: Item, book: ImageBook, experiment: Experiment) -> str:
    """Return the explanation of an item, with the key that shows more of it."""
    images = book.images
    count = 0 if images is None else len(images)
    about = f"{SPLITS[book.split].capitalize()} image {item.row:,} of {count:,}: {item.name}"
    if item.copy is not None:
        return _of_copy(item.copy, experiment)
    if not item.original:
        why = book.copies_refusal(experiment)
        return f"{about}; {fill(why or '{open} shows its augmented copies')}"
    number = 0 if book.copies is None else len(book.copies)
    if experiment.augmentation == "fresh":
        return f"{about}; the training sees another copy in each of {_counted(number, 'epoch')}"
    of = f"{experiment.copies:,} offline copies"
    is_of = "none is" if not number else "1 is" if number == 1 else f"{number:,} are"
    return f"{about}; of the {of} that seed {experiment.seed} draws, {is_of} of it"


def _of_copy(copy: AugmentedCopy, experiment: Experiment) -> str:
    by = note(experiment)
    if experiment.augmentation == "fresh":
        return f"Epoch {copy.number:,} sees it {done_to(copy)} ({by})"
    return f"Offline copy {copy.number:,} of {experiment.copies:,}: {done_to(copy)} ({by})"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def shape_words(shape: tuple[int, int, int]) -> str:
    """Return the shape of an image; of a sequence, its steps and channels."""
    height, width, channels = shape
    if 1 not in (height, width):
        return f"{fmt.shape(shape)} bytes"
    return f"{_counted(max(height, width), 'step')} of {_counted(channels, 'channel')}"
