"""Output of the commands: results on stdout, notes and one-sentence errors on stderr."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from core import format as fmt
from core.text_out import visible
from tui import exit_codes, limits


def fail(sentence: str, code: int = exit_codes.BAD_INPUT) -> NoReturn:
    """Print one sentence on stderr and exit with `code`."""
    note(f"convsole: {sentence}")
    raise typer.Exit(code)


def note(sentence: str) -> None:
    """Print a sentence on stderr."""
    typer.echo(visible(sentence), err=True)


def line(sentence: str, style: str = "") -> None:
    """Print a line on stdout without wrapping it."""
    if style:
        Console().print(cell(sentence, style), soft_wrap=True)
    else:
        typer.echo(visible(sentence))


def cell(text: str, style: str = "") -> Text:
    """Return text for a table or a title, with no markup, emoji codes or control characters."""
    return Text(visible(text), style)


def percent(share: float) -> str:
    """Return a share in per cent; a dash if it is not finite."""
    return fmt.percent(share) if isfinite(share) else "-"


def json_line(value: dict[str, Any]) -> None:
    """Print `value` as one line of JSON on stdout; numbers that are not finite become null."""
    typer.echo(json_text(value))


def json_text(value: dict[str, Any]) -> str:
    """Return `value` as JSON; numbers that are not finite become null."""
    return json.dumps(_finite(value), allow_nan=False)


def refuse_few_threads() -> None:
    """Exit with an error if the system has too few threads left for the app or a benchmark."""
    from core.errors import NO_THREAD

    if limits.are_few():
        fail(NO_THREAD, exit_codes.FAILED)


@contextmanager
def faults_in_one_sentence() -> Iterator[None]:
    """Turn errors in the input or the environment into one sentence and an exit code."""
    from core.benchmark.results import BenchmarkError
    from core.checks.report import CheckError
    from core.cluster.errors import ClusterError, SchedulerLostError
    from core.data.dataset import DataError
    from core.errors import NO_THREAD, ExplainError, NotWrittenError, StoreError, UserError
    from core.settings import SettingError
    from core.training.process_worker import WorkerError

    try:
        yield
    except NotWrittenError as error:
        fail(str(error), exit_codes.FAILED)
    except (BenchmarkError, CheckError, DataError, ExplainError, SettingError, StoreError) as error:
        fail(str(error))
    except SchedulerLostError as error:
        fail(str(error), exit_codes.FAILED)
    except ClusterError as error:
        fail(str(error))
    except WorkerError as error:
        fail(str(error), exit_codes.FAILED)
    except UserError as error:  # a package is missing
        fail(str(error), exit_codes.FAILED)
    except MemoryError:
        fail(
            "there is not enough memory; lower batch_size or make the network smaller",
            exit_codes.FAILED,
        )
    except ImportError as error:
        fail(f"cannot load what this command needs: {limits.first_cause(error)}", exit_codes.FAILED)
    except OSError as error:
        where = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        fail(f"the system refuses: {where}{error.strerror or error}", exit_codes.FAILED)
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        fail(NO_THREAD, exit_codes.FAILED)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value
