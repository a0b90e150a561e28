"""Settings of a run: batches, seed, number format and evaluations."""

from typing import Literal

from core.settings import setting
from core.validation import CheckedSettings


class RunSettings(CheckedSettings):
    """How the run is computed and watched."""

    batch_size: int = setting(
        100,
        "Images in one update",
        also=("batch", "bs"),
        label="batch size",
        group="Run",
        unit="images",
        low=1,
        high=2000,
        step=10,
    )
    seed: int = setting(
        0, "Everything random follows from it", label="seed", group="Run", low=0, high=2**31 - 1
    )
    dtype: Literal["float32", "float64"] = setting(
        "float32",
        "Number format of the network",
        also=("precision",),
        label="number format",
        group="Run",
    )
    shards: int = setting(
        2,
        "Parts that a batch is cut into, each for a thread; part of the result, unlike threads",
        also=("workers", "num_workers"),
        label="shards",
        group="Run",
        low=1,
        high=64,
    )
    evaluate_every: int = setting(
        100,
        "Updates from one evaluation to the next",
        label="evaluate every",
        group="Run",
        unit="updates",
        low=1,
        high=1_000_000,
        step=50,
    )
    health: Literal["off", "sparse", "dense"] = setting(
        "sparse",
        "How often norms, update-to-weight ratios and outputs of layers are recorded: never, every "
        "100 updates, or every 10; the result is the same",
        label="health",
        group="Run",
    )
    kept_checkpoints: int = setting(
        0,
        "Checkpoints that are kept, evenly over the run, besides the newest two and the best; the "
        "result is the same",
        also=("max_to_keep", "save_total_limit"),
        label="kept checkpoints",
        group="Run",
        low=0,
        high=100,
        step=5,
    )
    training_sample: int = setting(
        1000,
        "Training images in an evaluation",
        label="training sample",
        group="Run",
        unit="images",
        low=100,
        high=49_000,
        step=100,
    )
