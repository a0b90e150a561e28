"""Conversion of a job's exception to one sentence."""

from collections.abc import Callable

from core.benchmark.results import BenchmarkError
from core.checks.report import CheckError
from core.data.dataset import DataError
from core.errors import StoreError, UserError
from core.job_process import JobProcessError, JobStoppedError
from core.settings import SettingError
from core.training.process_worker import WorkerError

KNOWN = (
    JobProcessError,
    BenchmarkError,
    CheckError,
    DataError,
    WorkerError,
    SettingError,
    StoreError,
    UserError,
)
"""Errors whose message is a sentence for the user."""


def reason_of(work: Callable[[], object]) -> str | None:
    """Call `work`; return a sentence on why it failed, None if it did not.

    The text is empty if it was stopped before there was a result.
    """
    try:
        work()
    except JobStoppedError:
        return ""
    except KNOWN as error:
        return str(error)
    except MemoryError:
        return "there is not enough memory; lower the batch size or make the network smaller"
    except Exception as error:
        # An internal error must be shown to the user and not end the app.
        return f"an internal error ended the work: {error!r}"
    return None
