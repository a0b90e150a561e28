"""Make the pictures of the README from the app itself: `.venv/bin/python docs/pictures/make.py`.

Run it in the checkout, with CIFAR-10 in data/. Needs Chromium on the PATH, which draws the app's
own SVG screenshots; other renderers give braille another width.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from core import presets
from core.data import cifar10
from tui.app import Convsole
from tui.jobs import JobState

HERE = Path(__file__).parent
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    while not condition():
        await pilot.pause(0.02)


async def take(data: Path | None) -> dict[str, str]:
    """Return the screenshots, as SVG, by name."""
    pictures = {}
    app = Convsole(data)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1.0)
        await pilot.press("tab", "tab", "down")
        await pilot.pause(0.5)
        pictures["configure"] = app.export_screenshot()
        await pilot.press("s")
        await until(pilot, lambda: app.bridge.state is JobState.RUNNING)
        session = app.bridge.session
        assert session is not None
        await until(pilot, lambda: len(session.history.updates) > 3100)
        await pilot.pause(0.6)
        pictures["train"] = app.export_screenshot()
        await pilot.press("x")
        await until(pilot, lambda: app.bridge.state is JobState.IDLE)
    app = Convsole(data, experiment=presets.load("final"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await pilot.pause(0.5)
        await pilot.press("c")
        await until(pilot, lambda: app.query("#gradients GradientTable").first().count() == 7)
        await until(pilot, lambda: app.bridge.state is JobState.IDLE)
        await pilot.press("down")
        await pilot.pause(0.5)
        pictures["gradients"] = app.export_screenshot()
        await pilot.press("4")
        await pilot.pause(0.5)
        await pilot.press("m")
        await until(pilot, lambda: app.bridge.state is JobState.MEASURING)
        await until(pilot, lambda: app.bridge.state is JobState.IDLE)
        await pilot.press("down", "f")
        layers = app.query("#benchmark ProfileTable").first()
        await until(pilot, lambda: layers.count() > 1)
        await pilot.pause(0.5)
        pictures["benchmark"] = app.export_screenshot()
    return pictures


def draw(svg: str, target: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not on the PATH; install it to draw the pictures")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size is not None
    width, height = (round(float(number)) for number in size.groups())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<body style='margin:0;background:#0000'>{svg}", encoding="utf-8")
        command = [chromium, *FLAGS, f"--user-data-dir={folder}/profile"]
        command += [f"--screenshot={target}", f"--window-size={width},{height}"]
        command += ["--default-background-color=00000000", str(page)]
        subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    # A relative path, so that the pictures show no folders of the machine they were made on.
    found = cifar10.find(Path("data"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["CONVSOLE_HOME"] = home
        pictures = asyncio.run(take(found))
    for name, svg in pictures.items():
        draw(svg, HERE / f"{name}.png")
        print(HERE / f"{name}.png")


if __name__ == "__main__":
    main()
