"""The settings of a benchmark."""

from typing import Literal

from pydantic import field_validator

from core.benchmark.cases import CASES
from core.benchmark.measure import MIN_UPDATES
from core.settings import setting, settings_of
from core.system import available_cores
from core.validation import CheckedSettings


class BenchSettings(CheckedSettings):
    """The settings of one benchmark.

    Raises:
        pydantic.ValidationError: from the constructor; `BenchSettings.of` raises `SettingError`,
            whose message is for the user.
    """

    architectures: tuple[str, ...] = CASES
    """Names of the cases, in the order of measurement."""

    contenders: Literal["all", "torch", "floor", "written"] = setting(
        "all",
        "What this network is measured beside: PyTorch and the bare products, or one of them; "
        "written leaves out the search for PyTorch at its best",
        label="beside",
    )
    threads: int = setting(
        available_cores(),
        "Threads of every contender",
        label="threads",
        low=1,
        high=64,
    )
    updates: int = setting(
        150,
        f"Updates of every contender that count; fewer than {MIN_UPDATES} are a quick look",
        label="updates",
        unit="updates",
        low=25,
        high=10_000,
        step=25,
    )

    @field_validator("architectures")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in CASES:
                raise ValueError(f"there is no {name[:40]!r}; there are {', '.join(CASES)}")
        if not names:
            raise ValueError("choose one architecture at least")
        return tuple(name for name in CASES if name in names)

    @property
    def torch(self) -> bool:
        """Whether PyTorch takes part."""
        return self.contenders != "floor"

    @property
    def floor(self) -> bool:
        """Whether the bare matrix products take part."""
        return self.contenders in ("all", "floor")

    @property
    def best(self) -> bool:
        """Whether to search for PyTorch's best variant."""
        return self.contenders in ("all", "torch")


BENCH_FIELDS = settings_of(BenchSettings)
"""All single-valued settings of a benchmark, in the order in which the app shows them."""
