"""The app with a pane and a job, for `torture.signals`: `python -m torture.at_work PANE JOB`."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from core.benchmark.settings import BenchSettings
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.data import download
from core.reproduce.plan import StudySettings
from core.training.lr_finder import RangeSettings
from tui import shutdown
from tui.app import Convsole
from tui.launch import run
from tui.worker.messages import JobState

SETTINGS = Experiment.of(
    {
        "name": "signals",
        "architecture": "8x8/4/6",
        "half_cycle": 1_000_000,
        "batch_size": 40,
        "dataset": "synthetic",
    }
)

READY = b"\x1b]2;ready\x07"
"""Sets the title of the terminal when the job has begun; no screen shows it."""


class Slow(BaseHTTPRequestHandler):
    """Sends a file without an end."""

    def do_GET(self) -> None:
        """Send until the client disconnects."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def fetching(app: Convsole) -> None:
    server = HTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/cifar-10-binary.tar.gz"
    download.fetch = partial(download.fetch, url=address)  # type: ignore[assignment]
    app.runner.fetch()


def exporting(app: Convsole) -> None:
    """Train, and export its figures repeatedly."""
    from core.figures import run as figures

    training(app)

    def export() -> None:
        folder = Path(tempfile.mkdtemp(prefix="torture-"))
        while app.is_running and app.runner.session is not None:
            figures.export(app.runner.session.history, folder, "signals")

    app.run_worker(export, thread=True)


def training(app: Convsole, **settings: object) -> None:
    app.runner.train(SETTINGS.changed(**settings), None)


def paused(app: Convsole) -> None:
    training(app)
    app.set_interval(0.05, app.runner.pause)


JOBS: dict[str, Callable[[Convsole], None]] = {
    "idle": lambda app: None,
    "loading": training,
    "training": training,
    "training that measures": lambda app: training(app, evaluate_every=1),
    "large updates": lambda app: training(app, architecture="5x5/32/10", batch_size=500),
    "paused": paused,
    "exporting": exporting,
    "fetching": fetching,
    "checking": lambda app: app.runner.check(
        SETTINGS, CheckSettings.of({"reference": "central", "entries": 10_000}), None
    ),
    "measuring": lambda app: app.runner.bench(BenchSettings(updates=1000), None),
    "profiling": lambda app: app.runner.profile(SETTINGS.changed(batch_size=500), None),
    "testing rates": lambda app: app.runner.find_rates(
        SETTINGS, RangeSettings(updates=10_000), None
    ),
    "reproducing": lambda app: app.runner.reproduce(StudySettings(length="quick"), None),
}
"""Functions that begin the jobs, by name."""

TRAIN = {"training", "training that measures", "large updates", "paused", "exporting"}
"""Jobs that leave a run."""


class AtWork(Convsole):
    """The app, which begins a job when it starts."""

    def __init__(self, pane: str, job: str) -> None:
        super().__init__(experiment=SETTINGS)
        self._begins = pane, job

    async def on_mount(self) -> None:
        """Begin the job, and signal `READY`."""
        await super().on_mount()
        pane, job = self._begins
        self.pane = pane
        JOBS[job](self)
        self._look()

    def _look(self) -> None:
        state, job = self.runner.state, self._begins[1]
        if job in TRAIN and state not in (JobState.RUNNING, JobState.PAUSED):
            self.set_timer(0.05, self._look)
        elif self._driver is not None:
            self._driver.write(READY.decode())


if __name__ == "__main__":
    os.environ.setdefault("TERM", "xterm-256color")
    shutdown.enforced = True
    sys.exit(run(AtWork(*sys.argv[1:])))
