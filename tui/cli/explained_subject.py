"""Which network, and which image, `convsole explain` explains."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.settings import SettingError
from tui.cli import inputs

if TYPE_CHECKING:
    from core.data.dataset import Dataset, Images
    from core.explain import Subject


def chosen(
    what: str | None,
    preset: str | None,
    changes: list[str],
    updates: int | None,
    best: bool,
    data: Path | None,
    seed: int | None,
) -> "tuple[Subject, Dataset, str]":
    """Return the network, its data set, and words for it.

    Args:
        what: a run, or a settings file; None for a preset.
        preset: name of a preset; None for the default one.
        changes: changes of its settings.
        updates: number of updates of the checkpoint; None for the last.
        best: whether to take the checkpoint of the best validation accuracy.
        data: folder or archive of CIFAR-10.
        seed: seed of the weights of a network that is not trained.

    Raises:
        SettingError: if the arguments contradict each other or a setting is invalid.
        StoreError: if there is no such run, or it has no such checkpoint.
        DataError: if the images cannot be read.
    """
    from core.data import source
    from core.explain import Subject

    if what is None or what.endswith(".toml") or Path(what).is_file():
        if updates is not None or best:
            raise SettingError("", "checkpoints are those of a run; name one")
        config = None if what is None else Path(what)
        experiment = inputs.experiment(config, preset, changes, seed)
        dataset = source.load(experiment.dataset, data, experiment.validation_size)
        return Subject.fresh(experiment, dataset), dataset, f"{experiment.name}, untrained"
    if preset is not None or changes or seed is not None:
        raise SettingError("", f"{what} is a run with settings of its own; leave out the others")
    inputs.check_choice(best, updates)
    return _of_run(what, updates, best, data)


def _of_run(
    reference: str, updates: int | None, best: bool, data: Path | None
) -> "tuple[Subject, Dataset, str]":
    from core.explain import Subject
    from core.predictions.choice import choose
    from core.predictions.evaluation import images_of
    from core.runs.session import store
    from tui.cli.saved_network import print_notes

    run = store().find(reference)
    choice = choose(store(), run, best=best, updates=updates)
    print_notes(choice)
    done = choice.checkpoint.state.updates
    return (
        Subject.of(choice.checkpoint),
        images_of(run, data),
        f"{run.name} after {done:,} updates",
    )


def chosen_image(
    subject: "Subject", dataset: "Dataset", split: str, image: str, label: str | None
) -> "tuple[Images, int, str]":
    """Return an image, its class, and words for it.

    Raises:
        SettingError: if there is no such image or class.
        DataError: if the file is no picture.
    """
    from core.explain import run
    from core.predictions import pictures
    from core.predictions.evaluation import check_split

    check_split(split)
    if image.isascii() and image.removeprefix("-").isdigit():
        if label is not None:
            raise SettingError("--label", "it is for picture files; images of a set have their own")
        images = getattr(dataset, split)
        if not 0 <= int(image) < len(images):
            raise SettingError(
                "--image", f"there is no {split} image {image}; there are 0 to {len(images) - 1:,}"
            )
        number = int(images.labels[int(image)])
        words = f"{split} image {int(image):,} ({subject.classes[number]})"
        return images.images[int(image)], number, words
    pixels = pictures.read(Path(image), subject.shape)
    if label is not None:
        number = class_number(subject, label, "--label")
        return pixels, number, f"{image} ({subject.classes[number]})"
    likeliest = int(np.argmax(run(subject, pixels, 0).probabilities))
    return pixels, likeliest, f"{image} (taken for {subject.classes[likeliest]})"


def class_number(subject: "Subject", name: str, option: str) -> int:
    """Return the number of a class that is given by its name or its number.

    Raises:
        SettingError: if there is none.
    """
    classes = subject.classes
    if name in classes:
        return classes.index(name)
    if name.isascii() and name.isdigit() and int(name) < len(classes):
        return int(name)
    raise SettingError(option, f"there is no class {name!r}; there are {', '.join(classes)}")
