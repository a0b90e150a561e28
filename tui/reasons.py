"""Why work failed, in one sentence."""

from collections.abc import Callable

from core.apart import ApartError
from core.benchmark.results import BenchmarkError
from core.checks.report import CheckError
from core.data.dataset import DataError
from core.runs.errors import StoreError
from core.settings import SettingError
from core.training.helper import HelperError

KNOWN = (
    ApartError,
    BenchmarkError,
    CheckError,
    DataError,
    HelperError,
    SettingError,
    StoreError,
)
"""Errors whose message is a sentence for a person."""


def reason_of(work: Callable[[], object]) -> str | None:
    """Run `work`; return the sentence that says why it failed, None if it did not."""
    try:
        work()
    except KNOWN as error:
        return str(error)
    except MemoryError:
        return "there is not enough memory; lower the batch size or make the network smaller"
    except Exception as error:
        # A fault of ours must reach the person, and the app must go on.
        return f"an internal error ended the work: {error!r}"
    return None
