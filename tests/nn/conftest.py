"""What the tests of the network share."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread() -> Iterator[None]:
    """Small products are many times slower on two threads where other work runs beside them."""
    with threadpool_limits(1, user_api="blas"):
        yield
