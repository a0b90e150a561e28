"""The executor that a command asks for: this process, workers of this machine, or a cluster."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from core.cluster.connection import Tls, open_cluster
from core.data.dataset import Dataset
from core.sweeps.dask_executor import OnCluster
from core.sweeps.executor import Executor, InProcess
from core.system import available_cores
from core.training.piece import release


@contextmanager
def open_executor(
    dataset: Dataset,
    *,
    address: str | None = None,
    workers: int | None = None,
    threads: int = 1,
    allow_remote_tcp: bool = False,
    tls: Tls | None = None,
) -> Iterator[Executor]:
    """Open what trains the pieces of a study; on exit, everything that was started has ended.

    Args:
        dataset: the images; those of the test are taken away before anything is trained.
        address: of the scheduler of a cluster that stands; None for this machine.
        workers: number of workers on this machine; 0 trains in this process, None takes as many as
            its cores allow.
        threads: threads of each of them.
        allow_remote_tcp: as for `core.cluster.connection.open_cluster`.
        tls: as there.

    Raises:
        ClusterError: if the cluster cannot be used.
    """
    seen = dataset.without_test()
    if workers == 0 and address is None:
        with closing(InProcess(seen, threads)) as executor:
            yield executor
        return
    number = max(1, available_cores() // threads) if workers is None else workers
    with open_cluster(
        address,
        workers=number,
        threads=threads,
        allow_remote_tcp=allow_remote_tcp,
        tls=tls,
        release=release,
    ) as cluster:
        yield OnCluster(cluster, seen)
