"""The executor that a command asks for: this process, workers of this machine, or a cluster."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from core.cluster.connection import Tls, open_cluster
from core.data.dataset import Dataset
from core.sweeps.execution.crew import Crew
from core.sweeps.execution.dask_executor import OnCluster
from core.sweeps.execution.executor import Executor, InProcess
from core.system import available_cores
from core.training.piece import release


@contextmanager
def open_executor(
    dataset: Dataset,
    *,
    address: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
    cores: int | None = None,
    allow_remote_tcp: bool = False,
    tls: Tls | None = None,
) -> Iterator[Executor]:
    """Open what trains the pieces of a study; on exit, everything that was started has ended.

    Args:
        dataset: the images; those of the test are taken away before anything is trained.
        address: of the scheduler of a cluster that stands; None for this machine.
        workers: number of workers on this machine; 0 trains in this process, None takes as many as
            the cores allow.
        threads: threads of each of them; None is 1, and if the number of workers is None as well,
            as many as are fastest, see `core.sweeps.execution.crew`.
        cores: number of cores of this machine to use; None for all that are available.
        allow_remote_tcp: as for `core.cluster.connection.open_cluster`.
        tls: as there.

    Raises:
        ClusterError: if the cluster cannot be used.
    """
    seen = dataset.without_test()
    if workers == 0 and address is None:
        with closing(InProcess(seen, threads or 1)) as executor:
            yield executor
        return
    cores = cores or available_cores()
    shared = workers is None and threads is None and address is None
    number = max(1, cores // (threads or 1)) if workers is None else workers
    with open_cluster(
        address,
        workers=number,
        threads=threads or 1,
        allow_remote_tcp=allow_remote_tcp,
        tls=tls,
        release=release,
    ) as cluster:
        yield OnCluster(cluster, seen, Crew(cores) if shared else None)
