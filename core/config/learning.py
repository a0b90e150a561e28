"""Settings of the learning: schedule, optimiser and regularisation."""

from typing import Literal

from core.settings import setting
from core.validation import CheckedSettings


class LearningSettings(CheckedSettings):
    """How the weights learn."""

    eta_min: float = setting(
        1e-5,
        "Lowest learning rate, where every cycle begins and ends",
        also=("min_lr",),
        label="lowest rate",
        group="Schedule",
        low=0,
        high=10,
        step=1e-7,
        scale="log",
    )
    eta_max: float = setting(
        0.1,
        "Highest learning rate, at the top of the first cycle; the rate itself where constant",
        also=("lr", "learning_rate", "max_lr"),
        label="highest rate",
        group="Schedule",
        low=1e-7,
        high=10,
        step=1e-7,
        scale="log",
    )
    schedule: Literal["cyclical", "one-cycle", "cosine", "step", "constant"] = setting(
        "cyclical",
        "How the rate goes: in triangles, up and down once in all cycles together, down a cosine, "
        "in a step down each cycle, or constant",
        label="schedule",
        group="Schedule",
    )
    warmup: float = setting(
        0.3,
        "Share of a one-cycle or cosine run in which the rate climbs; it falls for the rest",
        label="warm-up",
        group="Schedule",
        low=0,
        high=0.95,
        step=0.05,
    )
    half_cycle: int = setting(
        800,
        "Updates from the lowest to the highest rate",
        also=("step_size",),
        label="half cycle",
        group="Schedule",
        unit="updates",
        low=1,
        high=1_000_000,
        step=100,
        symbol="n_s",
    )
    cycles: int = setting(
        3, "Number of cycles, which ends the run", label="cycles", group="Schedule", low=1, high=100
    )
    growth: float = setting(
        1.0,
        "Factor on the half cycle from one cycle to the next",
        label="cycle growth",
        group="Schedule",
        low=0.1,
        high=10,
        step=0.1,
    )
    decay: float = setting(
        1.0,
        "Factor on the highest rate from one cycle to the next",
        label="rate decay",
        group="Schedule",
        low=0.01,
        high=1,
        step=0.05,
    )
    max_updates: int = setting(
        0,
        "Stop after this many updates; 0 lets the schedule run to its end",
        also=("steps", "max_steps", "epochs"),
        label="stop after",
        group="Schedule",
        unit="updates",
        low=0,
        high=10_000_000,
        step=100,
    )

    optimiser: Literal["sgd", "adamw"] = setting(
        "sgd",
        "How a gradient becomes a step: SGD, or AdamW, which divides by each weight's typical "
        "gradient",
        label="optimiser",
        group="Optimiser",
    )
    momentum: float = setting(
        0.0,
        "Share of the velocity that each step keeps; 0 is plain gradient descent",
        label="momentum",
        group="Optimiser",
        low=0,
        high=0.999,
        step=0.05,
        symbol="mu",
    )
    nesterov: Literal["off", "on"] = setting(
        "off",
        "Whether a step with momentum looks ahead, after Nesterov",
        label="Nesterov",
        group="Optimiser",
    )
    beta1: float = setting(
        0.9,
        "Share of the mean gradient that each step of AdamW keeps",
        label="beta 1",
        group="Optimiser",
        low=0,
        high=0.9999,
        step=0.05,
    )
    beta2: float = setting(
        0.999,
        "Share of the mean squared gradient that each step of AdamW keeps",
        label="beta 2",
        group="Optimiser",
        low=0,
        high=0.9999,
        step=0.001,
    )
    clip_norm: float = setting(
        0.0,
        "Limit on the norm of the gradient, over all parameters; 0 for none",
        also=("grad_clip", "max_grad_norm"),
        label="clip norm",
        group="Optimiser",
        low=0,
        high=1000,
        step=0.01,
        scale="log",
    )

    weight_decay: float = setting(
        0.003,
        "The cost adds lambda times the sum of squared weights; half of PyTorch's weight_decay",
        also=("wd", "l2"),
        label="lambda",
        group="Regularisation",
        low=0,
        high=10,
        step=1e-6,
        scale="log",
        symbol="lambda",
    )
    label_smoothing: float = setting(
        0.0,
        "Share of each target that is spread evenly over all classes",
        label="label smoothing",
        group="Regularisation",
        low=0,
        high=0.9,
        step=0.05,
    )
