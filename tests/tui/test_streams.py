"""Tests that output errors do not interrupt the work, and lead to the documented exit code."""

import errno
import io
import os
import pty
import select
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.runs.records import RunState
from core.runs.store import Store
from tui import streams

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ("train", "--set", "dataset=synthetic", "--set", "architecture=16x16/4/10",
         "--set", "max_updates=3", "--json")  # fmt: skip
NO_SPACE = f"convsole: cannot write the output: {os.strerror(errno.ENOSPC)}\n"

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")


def ran(redirected: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell with the given redirections."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-m", "tui", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [
        (">&- 2>&- <&-", 0, ""),
        pytest.param(">/dev/full", 1, NO_SPACE, marks=full),
    ],
)
def test_a_training_is_done_and_kept(
    redirected: str, code: int, told: str, convsole_home: Path
) -> None:
    done = ran(redirected, *TRAIN)
    assert done.returncode == code
    assert done.stderr.endswith(told)
    assert "Traceback" not in done.stderr
    store = Store(convsole_home / "saved_models")
    [kept] = store.runs()
    assert kept.state is RunState.FINISHED
    assert len(store.history(kept).updates) == 3


@full
@pytest.mark.parametrize("command", [("presets", "final"), ("--help",), ("--version",)])
def test_output_that_is_lost_is_one_sentence(command: tuple[str, ...]) -> None:
    done = ran(">/dev/full", *command)
    assert (done.returncode, done.stderr) == (1, NO_SPACE)


@full
@pytest.mark.parametrize(
    ("redirected", "code"), [(">/dev/full 2>/dev/full", 1), ("2>/dev/full", 0)]
)
def test_a_full_disk_behind_stderr_is_nobodys_concern(redirected: str, code: int) -> None:
    assert ran(redirected, "presets").returncode == code


def test_a_reader_that_has_gone_wanted_no_more() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "tui", "presets", "final"],
            cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_code_of_a_command_that_failed_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = streams._SafeOutput(None)
    lost.trouble = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(streams, "_output", lost)
    assert [streams.ended(code) for code in (None, 0, 1, 2, 130)] == [1, 1, 1, 2, 130]
    lost.trouble = BrokenPipeError(errno.EPIPE, "Broken pipe")
    assert [streams.ended(code) for code in (None, 0, 130)] == [None, 0, 130]


def test_a_pipe_that_does_not_wait_gets_everything() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    come: list[bytes] = []

    def read() -> None:
        with os.fdopen(reading, "rb") as file:
            come.append(file.read())

    thread = threading.Thread(target=read)
    text = "0123456789" * 100_000
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        raw, lasting = streams._safe(stream)
        thread.start()
        print(text, file=lasting, flush=True)
    thread.join()
    assert come == [f"{text}\n".encode()]
    assert raw.trouble is None


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "54 +- 1 x 2 ... ### \\u732b \\xe9 caf\\xe9"),
        ("latin-1", "54 ± 1 \N{MULTIPLICATION SIGN} 2 ... ### \\u732b é caf\\xe9"),
        ("utf-8", "54 ± 1 \N{MULTIPLICATION SIGN} 2 … ███ 猫 é caf\\xe9"),
    ],
)
def test_letters_that_a_stream_lacks_are_written_in_others(encoding: str, shown: str) -> None:
    streams.prepare_letters()
    bytes_ = io.BytesIO()
    _, lasting = streams._safe(io.TextIOWrapper(bytes_, encoding))
    lasting.write("54 ± 1 \N{MULTIPLICATION SIGN} 2 … ███ 猫 é " + os.fsdecode(b"caf\xe9"))
    lasting.flush()
    assert bytes_.getvalue().decode(encoding) == shown


@pytest.mark.parametrize("redirected", ["", "2>&-", "2>/dev/null"])
def test_the_app_draws_in_utf_8_on_its_terminal(redirected: str) -> None:
    process, master = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", PYTHONIOENCODING="latin-1", PYTHONPATH=str(ROOT))
        command = f'exec "$0" -m tui {redirected}'
        os.execv("/bin/sh", ["sh", "-c", command, sys.executable])
    seen = b""
    while b"Quit" not in seen:
        assert select.select([master], [], [], 60)[0], f"nothing more came after {seen[-500:]!r}"
        seen += os.read(master, 65_536)
    os.write(master, b"\x11")
    try:
        while os.read(master, 65_536):
            pass
    except OSError:  # it has ended
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    os.close(master)
    assert "╭".encode() in seen
    assert b"\\u" not in seen
