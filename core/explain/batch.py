"""The batch of the next update, of which an explained image can be a part."""

import numpy as np

from core.data.dataset import Dataset, Images, Split
from core.errors import ExplainError
from core.explain.subject import Subject
from core.nn.acceleration import InputLayout
from core.nn.flatten import Flatten
from core.plan import shard_sizes
from core.training.loader import DataLoader


def next_batch(subject: Subject, dataset: Dataset) -> Split:
    """Return the images and labels of the next update, augmented as in the training.

    After the last update that is the last batch once more, see `Subject.next_update`.

    Args:
        subject: the network of a training.
        dataset: the data set of that training.

    Raises:
        ExplainError: if the subject has no training.
    """
    timeline = subject.timeline
    if timeline is None:
        raise ExplainError("this network has no training, and so no next batch")
    update = subject.next_update
    experiment = timeline.at(update)
    # Images stay as they are stored: the first layer of a trace takes whole ones.
    loader = DataLoader(experiment, dataset, InputLayout(Flatten(dataset.shape)))
    rows = loader.rows(update)
    images, work = (np.empty((len(rows), *dataset.shape), np.uint8) for _ in range(2))
    loader.data.load(rows, work, images.reshape(len(rows), -1))
    return Split(images, loader.data.labels[rows])


def first_shard(subject: Subject, batch: Split) -> tuple[Split, int]:
    """Return the images of the first shard of a batch, and the number of images in the batch."""
    timeline = subject.timeline
    assert timeline is not None  # `next_batch` has refused networks without a training
    size = shard_sizes(timeline.at(subject.next_update))[0]
    return Split(batch.images[:size], batch.labels[:size]), len(batch)


def with_first(batch: Split, image: Images, label: int) -> Split:
    """Return the batch with an image in place of its first."""
    images, labels = batch.images.copy(), np.array(batch.labels)
    images[0], labels[0] = image, label
    return Split(images, labels)
