"""A few of the keys that nobody meant to press; `make torture` presses a thousand in every pane."""

import pytest

from core.runs.session import store
from tests.runs.made import recorded
from torture.keys import press
from tui.app import PANES


@pytest.mark.parametrize("pane", PANES)
async def test_random_keys_and_sizes_are_survived(pane: str) -> None:
    recorded(store(), 3)
    assert await press(pane, 16, 7, train=False) > 0
