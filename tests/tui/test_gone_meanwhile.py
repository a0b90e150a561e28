"""Tests that deferred calls of widgets do nothing after the widget is removed."""

import pytest
from textual.app import App
from textual.widget import Widget

from tui.configure.rate_curve import RateCurve
from tui.widgets.chart import Chart


@pytest.mark.parametrize("made", [lambda: Chart("Loss", "loss", id="loss"), RateCurve])
async def test_a_box_that_is_gone_fetches_nothing_to_draw_with(made: type[Widget]) -> None:
    app: App[None] = App()
    async with app.run_test():
        box = made()
        await app.mount(box)
        await box.remove()
        fetched = box._plot  # type: ignore[attr-defined]  # a slow removal lets the first paint in
        await box._begin()  # type: ignore[attr-defined]
        assert box._plot is fetched  # type: ignore[attr-defined]
