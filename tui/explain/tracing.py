"""The part of the Explain pane that runs networks, on a thread."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from textual import work
from textual.containers import Container
from textual.reactive import reactive

from core.config.experiment import Experiment
from core.data.dataset import DataError
from core.errors import ExplainError, StoreError
from core.explain.update import Update
from core.runs.records import Run
from core.runs.session import store
from core.settings import SettingError
from tui.explain import source
from tui.explain.source import Network, Traced
from tui.explain.wanted import BEST, CONFIGURED, FIRST, LAST, Moment, Wanted
from tui.keymap.keys import fill
from tui.thread_results import deliver
from tui.worker.runner import JobRunner

PACE = 0.5
"""Seconds for which the network of one moment is seen before the next."""

WEIGHTS = CONFIGURED, LAST, BEST
"""The moments that one key leads through."""

NO_RUN = "there is no run yet; {train} shows how to make one"

FAULTS = (DataError, ExplainError, SettingError, StoreError)


class Tracing(Container):
    """A pane that traces one image through one network at a time.

    Args:
        runner: has the latest run.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    experiment: reactive[Experiment | None] = reactive(None, init=False)
    """What Configure shows; None if not set."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set that `auto` stands for; empty if not set."""

    def __init__(self, runner: JobRunner, data: Path | None = None) -> None:
        super().__init__()
        self._runner, self._data = runner, data
        self._asked: Wanted | None = None
        self._chosen: Run | None = None
        """The run that was chosen elsewhere; None for the one in Train, or the latest."""
        self._network: tuple[object, Network] | None = None
        self._traced: Traced | None = None
        self._works = self._plays = False
        self._looked_at: Network | None = None
        """The network whose next update was asked for last."""
        self._no_update = ""
        """Why it is not known."""
        self._reason = ""
        """Why something could not be done, or what came of it; empty if nothing is to be said."""

    def show_trace(self, found: Traced) -> None:
        """Show another trace."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Show whether something is worked on, and what went wrong."""
        raise NotImplementedError

    # What is traced

    @property
    def run(self) -> Run | None:
        """The run whose weights can be taken."""
        session = self._runner.session
        if self._chosen is not None:
            try:
                return store().get(self._chosen.number)
            except StoreError:  # it has been deleted
                self._chosen = None
        if session is not None and session.record is not None:
            return session.record
        runs = store().runs()
        return runs[0] if runs else None

    @property
    def wanted(self) -> Wanted | None:
        """What is traced, with the settings that Configure has now; None before it has any."""
        experiment = self.experiment
        if experiment is None:
            return None
        if self.dataset:
            experiment = experiment.changed(dataset=self.dataset)
        return replace(self._asked or Wanted(experiment), experiment=experiment)

    def ask(self, **changes: Any) -> None:
        """Trace something else; without changes, the same anew."""
        wanted = self.wanted
        if wanted is None:
            return
        self._asked = replace(wanted, **changes)
        self._works, self._reason = True, ""
        self.show_state()
        self._compute(self._asked)

    def look_inside(self, run: Run, image: int | None = None) -> None:
        """Trace the last weights of a run, and maybe another test image."""
        self._chosen, self._plays = run, False
        changes = {"run": run, "moment": LAST, "steps": 0}
        wanted = self.wanted
        if image is not None and wanted is not None:
            changes |= {"image": image, "file": None, "content": wanted.at(image).content}
        self.ask(**changes)

    def restart(self) -> None:
        """Read the weights again, and forget what was tried."""
        self._network, self._plays = None, False
        self.ask(steps=0)

    @work(thread=True, exclusive=True, group="explain")
    def _compute(self, wanted: Wanted) -> None:
        try:
            known = self._network
            network = known[1] if known is not None and known[0] == wanted.network else None
            if network is None:
                network = source.network_of(wanted, self._data)
            found = source.traced(wanted, network, self._traced)
        except FAULTS as error:
            deliver(self.app, self.say, str(error))
        except MemoryError:
            deliver(self.app, self.say, "there is not enough memory for this network")
        else:
            deliver(self.app, self._take, found)

    def say(self, reason: str) -> None:
        """Show why something could not be done, and stay where one was."""
        self._works = self._plays = False
        if self._traced is not None:
            self._asked = self._traced.wanted
        self._reason = f"✗ {reason}"
        self.show_state()

    def _take(self, found: Traced) -> None:
        former, self._traced = self._traced, found
        self._network = found.wanted.network, found.network
        self._works = False
        if former is not None and former.wanted == found.wanted and _alike(former, found):
            self._reason = "traced anew; nothing has changed"
        if former is None or former.network is not found.network:
            # Such as that the last weights are gone, and earlier ones taken.
            self._reason = "; ".join(found.network.notes) or self._reason
        self.show_trace(found)
        if self._plays:
            self.set_timer(PACE, self._play_on)

    # Moments of a training

    def step_moment(self, by: int) -> None:
        """Take the weights before these in the training, or after."""
        self._works = True
        self.show_state()
        self._find_moment(by, self._asked.moment if self._asked is not None else CONFIGURED)

    @work(thread=True, exclusive=True, group="explain")
    def _find_moment(self, by: int, now: Moment) -> None:
        try:
            run = self.run
            if run is None:
                raise StoreError(fill(NO_RUN))
            moment = source.step(by, now, source.moments(run))
        except StoreError as error:
            deliver(self.app, self.say, str(error))
            return
        if moment == now:
            end = "first" if by < 0 else "last"
            deliver(self.app, self._stay, f"these are the {end} weights that {run.name} has kept")
        else:
            deliver(self.app, self.ask, run=run, moment=moment, steps=0)

    def _stay(self, reason: str) -> None:
        """Stop at the end of the training."""
        played, self._plays = self._plays, False
        self._works = False
        if not played:
            self._reason = reason
        self.show_state()

    def next_weights(self) -> None:
        """Take the untrained weights, the last or the best."""
        now = self._asked.moment if self._asked is not None else CONFIGURED
        after = WEIGHTS[(WEIGHTS.index(now) + 1) % len(WEIGHTS)] if now in WEIGHTS else LAST
        self._plays = False
        if after == CONFIGURED:
            self._chosen = None
            self.ask(run=None, moment=after, steps=0)
        else:
            self._ask_of_run(after)

    def _ask_of_run(self, moment: Moment) -> None:
        """Take weights of the run, or say that there is none."""
        try:
            run = self.run
        except StoreError as error:
            self.say(str(error))
            return
        if run is None:
            self.say(fill(NO_RUN))
        else:
            self.ask(run=run, moment=moment, steps=0)

    def play(self) -> None:
        """Show the network of one moment after the other, from the first on; or stop it."""
        self._plays = not self._plays
        if not self._plays:
            self.show_state()
        elif self._asked is not None and self._asked.moment in (CONFIGURED, LAST, BEST):
            self._ask_of_run(FIRST)
        else:
            self.step_moment(1)

    def _play_on(self) -> None:
        if self._plays:
            self.step_moment(1)

    # Further work on a thread

    @work(thread=True, exclusive=True, group="explain")
    def find_mistake(self, network: Network, image: int) -> None:
        """Look at the next image that the network gets wrong."""
        try:
            found = source.next_mistake(network, image)
        except StoreError as error:
            deliver(self.app, self.say, str(error))
        else:
            deliver(self.app, self.look_at, found)

    def look_at(self, image: int) -> None:
        """Trace a test image."""
        if (wanted := self.wanted) is not None:
            here = wanted.at(image)
            self.ask(image=image, content=here.content, file=None, steps=0)

    def update_of(self, network: Network) -> Update | str:
        """Return the next update of a network, of which every weight tells its part.

        Returns:
            Words for why it is not known, at the moment or at all.
        """
        if "update" in vars(network):
            return network.update
        if self._looked_at is not network:
            self._looked_at, self._no_update = network, "the next update is being computed…"
            self._find_update(network)
        return self._no_update

    @work(thread=True, exclusive=True, group="update")
    def _find_update(self, network: Network) -> None:
        words = ""
        try:
            network.update  # noqa: B018 - kept by the network
        except FAULTS as error:
            words = f"✗ {error}"
        except MemoryError:
            words = "✗ there is not enough memory for a whole batch"
        deliver(self.app, self._found_update, words)

    def _found_update(self, words: str) -> None:
        self._no_update = words
        self.show_state()


def _alike(one: Traced, other: Traced) -> bool:
    return np.array_equal(one.trace.probabilities, other.trace.probabilities)
