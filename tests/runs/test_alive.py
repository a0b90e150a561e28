"""A run is shown as crashed if its process has ended, and never before."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.errors import StoreError
from core.runs.folder import locked
from core.runs.records import RunState
from core.runs.session import store
from tests.processes import running

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="nothing stops a process")

TRAINER = """
import time
from core.runs.session import store
from tests.runs.made import EXPERIMENT, FACTS

run, lock = store().create(EXPERIMENT, **FACTS)
print(run.id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """A process that works on the run mine-1."""
    with running([sys.executable, "-c", TRAINER], text=True) as made:
        assert made.stdout is not None
        assert made.stdout.readline() == "mine-1\n"
        yield made


def states() -> set[str]:
    """Check the state of the run in every way to read it."""
    run = store().find("mine-1")
    listed = [each.state.value for each in store().runs()]
    return {run.state.value, store().get(run.number).state.value, run.summary()["state"], *listed}


def stop(process: subprocess.Popen[str]) -> None:
    """Stop a process, as a debugger or a blocked terminal does, and wait until it has stopped."""
    process.send_signal(signal.SIGSTOP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


def test_a_process_that_is_stopped_has_not_crashed(process: subprocess.Popen[str]) -> None:
    stop(process)
    for _ in range(20):
        assert states() == {"running"}
    run = store().find("mine-1")
    with pytest.raises(StoreError, match="is being trained; stop it first"):
        store().delete(run)
    with (
        pytest.raises(StoreError, match="another process works on mine-1"),
        locked(store().folder(run)),
    ):
        pass
    process.send_signal(signal.SIGCONT)
    assert states() == {"running"}


@pytest.mark.parametrize("stopped", [False, True])
def test_a_process_that_is_killed_has_crashed(
    process: subprocess.Popen[str], stopped: bool
) -> None:
    if stopped:
        stop(process)
    assert states() == {"running"}
    process.kill()
    process.wait()
    assert states() == {"crashed"}
    with locked(store().folder(store().find("mine-1"))):
        assert store().find("mine-1").state is RunState.RUNNING  # another process resumes it
    assert states() == {"crashed"}
