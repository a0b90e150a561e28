"""Tests of opening and closing: addresses, certificates, versions, and what must not be left."""

import gc
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.cluster import connection, roster
from core.cluster import versions as versions_module
from core.cluster.cluster import Cluster
from core.cluster.connection import Tls, open_cluster
from core.cluster.errors import ClusterError, SchedulerLostError, WorkerLostError
from core.cluster.local import PREFIX, temporary_folder
from core.cluster.shipping import Shipped
from core.cluster.versions import versions
from core.cluster.workers import REFUSED
from core.data.dataset import Dataset
from core.training.piece import PieceResult, release, train_piece
from core.training.timeline import Timeline
from tests.cluster import calls
from tests.cluster.standing import ROOT, certificates_in, program, standing
from tests.cluster.waiting import TIMEOUT_S, ended, left_behind
from tests.training.pieces import UPDATES, equal, experiment, few_of


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before, level = left_behind(), logging.getLogger("distributed.client").level
    yield
    deadline = time.monotonic() + TIMEOUT_S
    # What the test before has closed may still have been on its way out.
    while new := [
        now - then for now, then in zip(left_behind(), before, strict=True) if now - then
    ]:
        assert time.monotonic() < deadline, new
        gc.collect()  # Dask leaves some of what it has closed in circles of references
        time.sleep(0.05)
    assert logging.getLogger("distributed.client").level == level


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificates_in(tmp_path_factory.mktemp("certificates"))


def trained(cluster: Cluster, dataset: Dataset) -> list[PieceResult]:
    """Train two runs side by side in pieces, wherever each of them is put."""
    data = Shipped(dataset.hash, dataset)
    runs: dict[str, list[PieceResult]] = {"momentum": [], "adamw": []}

    def go_on(case: str) -> None:
        state = runs[case][-1].state if runs[case] else None
        until = min(UPDATES, 9 * (len(runs[case]) + 1))
        arguments = Timeline(experiment(case)), state, until
        cluster.submit(train_piece, *arguments, key=case, data=data)

    for case in runs:
        go_on(case)
    while not all(parts and parts[-1].finished for parts in runs.values()):
        for work in ended(cluster):
            runs[work.key].append(work.result())
            if not runs[work.key][-1].finished:
                go_on(work.key)
    return [part for parts in runs.values() for part in parts]


def same(found: list[PieceResult], wanted: list[PieceResult]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert equal(one.state, other.state)
        assert equal(one.best, other.best)
        for name, points in other.points.items():
            rows = slice(0, 4) if name == "updates" else slice(None)
            assert one.points[name][rows].tobytes() == points[rows].tobytes()


@pytest.fixture(scope="module")
def few(small: Dataset) -> Dataset:
    return few_of(small)


@pytest.fixture(scope="module")
def here(few: Dataset) -> list[PieceResult]:
    """The pieces of two runs, trained in this process."""
    parts = []
    for case in ("momentum", "adamw"):
        state = None
        for until in (9, 18, 27, UPDATES):
            parts.append(train_piece(few, Timeline(experiment(case)), state, until))
            state = parts[-1].state
    release()
    return parts


@pytest.mark.parametrize(("workers", "threads"), [(2, 1), (1, 2)])
def test_workers_of_this_machine_train_the_same_bits(
    workers: int, threads: int, few: Dataset, here: list[PieceResult]
) -> None:
    from distributed import default_client

    with open_cluster(workers=workers, threads=threads) as cluster:
        assert [worker.threads for worker in cluster.workers()] == [threads] * workers
        assert cluster.address.startswith("tls://127.0.0.1:")
        for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
            listening = [one for one in process.net_connections() if one.status == "LISTEN"]
            assert all(one.laddr.ip == "127.0.0.1" for one in listening)
            assert 8787 not in [one.laddr.port for one in listening]
        same(trained(cluster, few), here)
        assert cluster.notes == []
        # Dask's profiler costs a training three per cent.
        assert not any(default_client().run(is_profiled).values())


def is_profiled(dask_worker: Any) -> bool:
    return "profile" in dask_worker.periodic_callbacks


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_a_cluster_that_stands_trains_the_same_bits(
    protocol: str, few: Dataset, here: list[PieceResult], tmp_path: Path, certificates: Tls
) -> None:
    tls = certificates if protocol == "tls" else None
    with standing(tmp_path, tls) as cluster_there:
        assert cluster_there.address.startswith(f"{protocol}://127.0.0.1:")
        cluster_there.worker("first")
        if tls is not None:
            with (
                pytest.raises(ClusterError, match=r"no scheduler answers at tls://.*certificates"),
                open_cluster(cluster_there.address, tls=replace(tls, ca=tls.cert)),
            ):
                pass
        with open_cluster(cluster_there.address, tls=tls, release=release) as cluster:
            assert [worker.name for worker in cluster.workers()] == ["first"]
            same(trained(cluster, few), here)
            assert len(cluster.sent) == 1
            # One that joins later gets work, with the data that it lacks.
            cluster_there.worker("second")
            deadline = time.monotonic() + TIMEOUT_S
            while len(cluster.workers()) < 2:
                cluster.wait(0.1)
                assert time.monotonic() < deadline
            same(trained(cluster, few), here)
            assert len({one.worker for one in cluster.sent}) == len(cluster.sent) == 2
        # The workers stand as before, without what was ours.
        with open_cluster(cluster_there.address, tls=tls) as cluster:
            for name in ("first", "second"):
                work = cluster.submit(calls.held, key="held", prefer=name)
                ended(cluster)
                assert work.result() == (0, 0)


def test_workers_and_scheduler_that_are_killed_are_told(tmp_path: Path) -> None:
    with standing(tmp_path) as there:
        workers = [there.worker("first"), there.worker("second", threads=2)]
        with open_cluster(there.address) as cluster:
            deadline = time.monotonic() + TIMEOUT_S
            while len(cluster.workers()) < 2:
                cluster.wait(0.1)
                assert time.monotonic() < deadline
            wide = cluster.submit(calls.echo, 0, key="wide", prefer="second")
            ended(cluster)
            assert wide.result()[1] == 2
            lost = cluster.submit(calls.sleep, 600, key="lost", prefer="second")
            cluster.wait(0)
            workers[1].kill()
            assert ended(cluster) == [lost]
            with pytest.raises(WorkerLostError, match=r"^worker second at tcp://.* is gone: "):
                lost.result()
            assert [worker.name for worker in cluster.workers()] == ["first"]
            cluster.submit(calls.sleep, 600, key="out", prefer="first")
            cluster.wait(0)
            there.scheduler.kill()
            with pytest.raises(SchedulerLostError, match=f"scheduler at {there.address} is gone"):
                ended(cluster)


def test_workers_end_when_their_client_is_killed() -> None:
    with program("tests.cluster.abandoned") as client:
        workers = [psutil.Process(int(word)) for word in client.stdout.readline().split()]
        assert len(workers) >= 2
        folder = next(Path(tempfile.gettempdir()).glob(f"{PREFIX}{client.pid}-*"))
        client.send_signal(signal.SIGKILL)
        client.wait()
        _, alive = psutil.wait_procs(workers, TIMEOUT_S)
        assert alive == []
    # Its folder is removed by the next who makes one, which may be another test just now.
    with temporary_folder():
        assert not folder.exists()


def test_workers_start_where_the_error_stream_is_no_file() -> None:
    # As in the app, whose screen takes the place of the streams.
    code = (
        "import sys; from core.cluster.connection import open_cluster\n"
        "class Captured:\n"
        "    def fileno(self): return -1\n"
        "    def write(self, text): return len(text)\n"
        "    def flush(self): pass\n"
        "if __name__ == '__main__':\n"
        "    sys.stderr = Captured()\n"
        "    with open_cluster(workers=1) as cluster:\n"
        "        print(len(cluster.workers()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=2 * TIMEOUT_S,
    )
    assert done.stdout == "1\n", done.stderr


def test_work_that_is_out_does_not_delay_the_end() -> None:
    with open_cluster(workers=1) as cluster:
        cluster.submit(calls.sleep, 600, key="long")
        cluster.wait(0)


def test_a_worker_that_fails_to_receive_gets_no_work() -> None:
    with open_cluster(workers=1) as cluster:
        cluster.submit(calls.total, 1, key="sum", data=Shipped("odd", calls.Unreadable()))
        deadline = time.monotonic() + TIMEOUT_S
        while not cluster.notes:
            assert cluster.wait(0.1) == []
            assert time.monotonic() < deadline
        [worker], [note] = cluster.workers(), cluster.notes
        assert (worker.doing, worker.reason) == (REFUSED, note)
        assert re.match(r"worker 0 at \S+ does not receive the data .*; it gets no work$", note)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "here",
        "tcp://host",
        "http://127.0.0.1:80",
        "tls://:8786",
        "tcp://a:port",
        "tcp://127.0.0.1:1/x",
        "tcp://user@127.0.0.1:1",
        "tcp://127.0.0.1:1\n",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with (
        pytest.raises(ClusterError, match="is no address of a scheduler, which is tls://HOST"),
        open_cluster(address),
    ):
        pass


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "[2001:db8::1]", "nowhere.invalid", "0.0.0.0", "a..b", "a" * 64]
)
def test_tcp_to_another_machine_needs_an_explicit_word(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"tcp://{host}:8786"
    with (
        pytest.raises(ClusterError, match="hands code to whoever listens there"),
        open_cluster(address),
    ):
        pass
    connection.check_address(address, allow_remote_tcp=True)
    connection.check_address(address.replace("tcp", "tls"), allow_remote_tcp=False)
    for own in ("127.0.0.1", "localhost", "[::1]"):
        connection.check_address(f"tcp://{own}:8786", allow_remote_tcp=False)


def test_nobody_at_an_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_S", 1.0)
    with (
        pytest.raises(ClusterError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9 "),
        open_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_tls_without_certificates_says_what_it_needs() -> None:
    words = r"^tls://127\.0\.0\.1:9 needs certificates: "
    with pytest.raises(ClusterError, match=words), open_cluster("tls://127.0.0.1:9"):
        pass


def test_certificates_may_come_from_the_configuration_of_dask(
    certificates: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask.config

    monkeypatch.setattr(connection, "ANSWER_S", 1.0)
    files = {
        "distributed.comm.tls.ca-file": str(certificates.ca),
        "distributed.comm.tls.client.cert": str(certificates.cert),
        "distributed.comm.tls.client.key": str(certificates.key),
    }
    refused = pytest.raises(ClusterError, match="no scheduler answers at tls")
    with dask.config.set(files), refused, open_cluster("tls://127.0.0.1:9"):
        pass


def test_files_that_are_no_certificates_are_named(certificates: Tls, tmp_path: Path) -> None:
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    with pytest.raises(ClusterError, match=r"text\.pem has no certificate in PEM format"):
        replace(certificates, ca=text).check()
    for wrong in (replace(certificates, cert=text), replace(certificates, key=text)):
        with pytest.raises(ClusterError, match=r"text\.pem .*no certificate and its key"):
            wrong.check()
    with pytest.raises(ClusterError, match=r"^\S+ is no certificate with its key behind it"):
        replace(certificates, key=None).check()
    with pytest.raises(ClusterError, match="certificates are for tls://, and tcp://"):
        connection.check_certificates("tcp://127.0.0.1:1", certificates)
    certificates.check()


def test_a_certificate_that_cannot_be_read_is_named(certificates: Tls) -> None:
    missing = replace(certificates, key=Path("nowhere.pem"))
    with (
        pytest.raises(ClusterError, match=r"cannot read nowhere\.pem: No such file"),
        open_cluster("tls://127.0.0.1:9", tls=missing),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("python", r"has Python 3\.\S+, this process Python other"),
        ("numpy", r"has NumPy \S+, this process NumPy other"),
        ("distributed", r"has distributed \S+, this process distributed other"),
        ("convsole", r"has convsole \S+, this process convsole other"),
        ("source", r"has Convsole with the source \w{12}, this process Convsole with .* other"),
    ],
)
def test_every_version_that_differs_is_refused_with_both(name: str, words: str) -> None:
    here = replace(versions(), **{name: "other"})
    found = here.difference(versions())
    assert found is not None
    assert re.match(words, found)
    assert versions().difference(versions()) is None


def test_workers_with_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(versions(), numpy="9.9")
    for module in (versions_module, roster, connection):
        monkeypatch.setattr(module, "versions", Pretended(other))
    with (
        pytest.raises(ClusterError, match=r"worker 0 at \S+ has NumPy .*, this process NumPy 9.9"),
        open_cluster(workers=1),
    ):
        pass


def test_workers_on_another_processor_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(versions(), cpu="another")
    monkeypatch.setattr(roster, "versions", Pretended(other))
    with open_cluster(workers=1) as cluster:
        [note] = cluster.notes
        assert "last digits of results of worker 0 at " in note
        assert note.endswith(f"may differ: cpu {versions().cpu} there, another here")


class Pretended:
    """The versions of this process, other than a worker's; there it is the function itself."""

    def __init__(self, pretended: Any) -> None:
        self._pretended = pretended

    def __call__(self) -> Any:
        return self._pretended

    def __reduce__(self) -> Any:
        return getattr, (versions_module, "versions")


def test_without_dask_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ClusterError, match=r"needs Dask, .*pip install 'convsole\[sweep\]'"),
        open_cluster(),
    ):
        pass


def test_dask_is_imported_only_when_a_cluster_is_opened() -> None:
    code = (
        "import sys, core.cluster.connection; assert not {'dask', 'distributed'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_worker_that_ends_while_it_starts_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import distributed

    class Ending(distributed.LocalCluster):  # type: ignore[misc]
        left = 1

        def __init__(self, **options: Any) -> None:
            if Ending.left:
                Ending.left -= 1
                options["preload"] = ["tests.cluster.ending"]
            super().__init__(**options)

    monkeypatch.setattr(distributed, "LocalCluster", Ending)
    with open_cluster(workers=1) as cluster:
        assert len(cluster.workers()) == 1
    assert Ending.left == 0


def test_workers_that_always_end_while_they_start_are_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import distributed

    def ending(**options: Any) -> Any:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", ending)
    words = r"^workers of this machine end as they start \(Nanny failed to start\.\); free some"
    with pytest.raises(ClusterError, match=words), open_cluster(workers=1):
        pass
