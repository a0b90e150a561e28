"""Where the rules of `health_warnings` come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Where a rule comes from."""

    title: str
    url: str


RATIO = Source(
    "cs231n, ratio of weights to updates", "https://cs231n.github.io/neural-networks-3/#ratio"
)
DEAD = Source("cs231n, dead ReLUs", "https://cs231n.github.io/neural-networks-1/#actfun")
SANITY = Source("cs231n, sanity checks", "https://cs231n.github.io/neural-networks-3/#sanitycheck")
INITIALISATION = Source(
    "cs231n, weight initialization", "https://cs231n.github.io/neural-networks-2/#init"
)
EXPLODING = Source("Pascanu et al. 2013", "https://arxiv.org/abs/1211.5063")
RECIPE = Source(
    "Karpathy, a recipe for training neural networks",
    "https://karpathy.github.io/2019/04/25/recipe/",
)
