"""Fixtures of the tests of a cluster: one on this machine for all tests of a file."""

from collections.abc import Iterator

import pytest

from core.cluster.cluster import Cluster
from core.cluster.connection import open_cluster
from tests.cluster.waiting import left_behind

# Its import sets levels of logging, which no test must take for its own doing.
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def pair() -> Iterator[Cluster]:
    """Two workers of this machine, with one thread each."""
    before = left_behind()
    with open_cluster(workers=2) as cluster:
        yield cluster
    assert all(now <= then for now, then in zip(left_behind(), before, strict=True))
