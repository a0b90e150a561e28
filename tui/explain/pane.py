"""The Explain pane: one image through the network, value by value, forward and back."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from core.format import first_fitting
from core.runs.folder import RunFolder
from core.runs.session import store
from tui.explain import export, text
from tui.explain.chain_list import ChainList
from tui.explain.choosing import Choosing
from tui.explain.keys import EXPLAIN_KEYS
from tui.explain.seen_map import SeenMap
from tui.explain.source import Traced
from tui.explain.value_map import ValueMap
from tui.explain.walk import Walk
from tui.explain.wanted import LAST, WINNER
from tui.exporting import Exporting
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.caption import caption
from tui.widgets.row_list import RowList
from tui.worker.runner import JobRunner

NARROW, TINY, LOW = 100, 70, 30
"""Columns below which the list of layers is short, and below which only one picture is shown; rows
below which the sum has fewer lines."""

WORKING = "the network is being run"

NEED_SET = ("alike", "next_class")
"""Actions that begin at an image of the test set."""


class ExplainPane(Refusing, Exporting, Choosing):
    """Layers, the picture of one, what a value of it sees, and the sum that it is.

    Args:
        runner: has the latest run.
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = EXPLAIN_KEYS

    def __init__(self, runner: JobRunner, data: Path | None = None) -> None:
        super().__init__(runner, data)
        # Not looked up: a result can come while the app closes, when they are there no longer.
        self._chain, self._map = ChainList(id="chain"), ValueMap(id="value-map")
        self._seen, self._sum = SeenMap(id="seen"), Static("", id="sum", markup=False)
        self._by_size = True
        self._layer = ""
        """The layer to go to in the next trace; empty for the one that is shown."""

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        with Horizontal(id="explain-above"):
            yield self._chain
            yield self._map
            yield self._seen
        yield self._sum

    def on_mount(self) -> None:
        """Name the boxes."""
        self._chain.border_title, self._sum.border_title = "Layers", "Sum"
        self.app.theme_changed_signal.subscribe(self, lambda _: self.show_state())

    def on_show(self) -> None:
        """Run the network when the pane is first seen."""
        if self._traced is None and not self._works:
            self.ask()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.width < TINY, "tiny")
        self.set_class(event.size.height < LOW, "low")
        self.call_after_refresh(self.show_state)

    def show_layer(self, name: str) -> None:
        """Show a layer of the run in Train, with its last weights if it has saved any.

        Args:
            name: the layer, such as `conv1`; if the network has none of that name, the walk stays
                where it is.
        """
        self._layer, self._chosen = name, None
        run = self.run
        if run is not None and RunFolder(store().folder(run)).numbered():
            self._network = None
            self.ask(run=run, moment=LAST, steps=0)
        else:
            self.restart()

    # Display

    @property
    def _walk(self) -> Walk | None:
        """Where one stands; None before the first trace."""
        return self._map.walk

    @property
    def about(self) -> str:
        """Words for the image and the network; empty before the first trace."""
        traced = self._traced
        if traced is None:
            return ""
        return f"{traced.image}, {text.verdict(traced)} ─ {traced.network.words}"

    def show_trace(self, found: Traced) -> None:
        """Show another trace, at the same place if it has one."""
        walk = Walk.begin(found.trace, self._walk)
        if self._layer in found.trace.nodes:
            walk = walk.to(self._layer)
        self._layer = ""
        self._go(walk)

    def _go(self, walk: Walk) -> None:
        self._map.walk = walk
        self.show_state()

    def show_state(self) -> None:
        """Draw the place where one stands, and what is worked on."""
        if not self._sum.is_attached:
            return
        walk, traced = self._walk, self._traced
        if walk is None or traced is None:
            self._sum.update(Content(self._reason or WORKING + "…"))
            self.refresh_bindings()
            return
        chain = self._chain
        chain.trace, chain.gradients = walk.trace, walk.here.gradients
        chain.moved = traced.moved
        chain.cursor = chain.names.index(walk.layer)
        self._seen.shown = walk, walk.explained
        caption(self._seen, f"in {self._seen.source}" if self._seen.source else "")
        mode = ", in its batch" if walk.trace.mode.value == "training" else ""
        width, image = self._sum.size.width - 4, traced.image
        verdict = text.verdict(traced)
        titles = (
            self.about + mode,
            f"{image}, {verdict}{mode} ─ {traced.network.short}",
            f"{image}, {text.verdict(traced, short=True)}{mode} ─ {traced.network.short}",
            f"{image}, {verdict}{mode}",
            f"{image}{mode} ─ {traced.network.words}",
            image + mode,
            image,
        )
        caption(self._sum, first_fitting(width, *titles), self._progress)
        self._sum.update(Content("\n".join(self._lines(walk, traced))), layout=False)
        self.refresh_bindings()

    @property
    def _progress(self) -> str:
        if self._plays:
            return fill("plays, {play} stops it")
        if self._works:
            return WORKING + "…"
        walk = self._walk
        return text.differentiated(walk.trace) if walk is not None and walk.here.gradients else ""

    def _lines(self, walk: Walk, traced: Traced) -> list[str]:
        """Return the lines of the sum."""
        room = self._sum.content_size
        above = [line for line in (self._reason, text.learnt(traced, room.width)) if line]
        lines = [*above, text.head(walk, walk.explained, room.width)]
        left = room.height - len(lines)
        if not walk.is_weight or walk.here.gradients:
            return lines + text.products(walk, walk.explained, room.width, left, self._by_size)
        network, name = traced.network, walk.here.name
        if traced.trials:
            before = traced.trials[0][0].weights[name][0][walk.here.at]
            return [*lines, f"before the tried steps: {float(before):.6g}"]
        update = self.update_of(network)
        if isinstance(update, str):
            return [*lines, update]
        step = update.explain(name, walk.here.at)
        return lines + text.step(step, room.width, network.subject.is_over)

    # Events

    @on(RowList.Moved)
    def _chosen_layer(self, message: RowList.Moved) -> None:
        chain = self._chain
        if self._walk is not None and chain.names:
            name = chain.names[chain.cursor]
            if name != self._walk.layer:
                self._go(self._walk.to(name))

    @on(ValueMap.Moved)
    def _moved(self) -> None:
        self._reason = ""
        self.show_state()

    @on(ValueMap.Opened)
    def _opened(self) -> None:
        self.action_into()

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        walk, traced = self._walk, self._traced
        if action == "start":
            return WORKING if self._works else ""
        if traced is None or walk is None:
            return WORKING if self._works else fill("nothing has been run yet; {start} does it")
        if action == "whole" and walk.form.channels == 1:
            return f"{walk.here.name} is a single picture"
        if action == "into" and not self._map.at_a_glance and not walk.leads_on:
            return text.end(walk)
        if action == "back" and not walk.before:
            return "the way begins here"
        if action == "largest" and walk.largest().here == walk.here:
            return "this is the largest one"
        if action == "export":
            return self.export_refusal
        if action == "turn" and not walk.here.gradients and not walk.has_gradient:
            return f"{walk.here.name} has no gradient"
        if action == "parameters" and not walk.tensors:
            return f"{walk.layer} has no weights"
        if action == "undo" and not traced.trials:
            return fill("no step was tried; {learn} tries one")
        if action in NEED_SET and not traced.is_of_the_set:
            return fill("this is no image of the test set; {next_image} shows one")
        if action == "learn" and traced.wanted.in_batch:
            return fill("this image is part of a batch; {batch} takes it alone")
        return ""

    def action_start(self) -> None:
        """Run the network anew."""
        self.restart()

    def action_into(self) -> None:
        """Show the chosen picture large; go into the value of one that is."""
        if self._map.at_a_glance:
            self._map.whole = False
            self.refresh_bindings()
        elif self._walk is not None and (there := self._walk.into()) is not None:
            self._reason = ""
            self._go(there)

    def action_back(self) -> None:
        """Go back to where the way came from."""
        if self._walk is not None and (there := self._walk.back()) is not None:
            self._go(there)

    def action_whole(self) -> None:
        """Show all pictures, or the chosen one, and let the arrows lead there."""
        self._map.whole = not self._map.whole
        self._map.focus()

    def action_largest(self) -> None:
        """Go to the largest value of the picture, from there to that of the layer."""
        if self._walk is not None:
            self._go(self._walk.largest())

    def action_turn(self) -> None:
        """Show gradients instead of values, or values again."""
        if self._walk is not None:
            self._go(self._walk.turned())

    def action_parameters(self) -> None:
        """Show the next parameter of the layer, or its values again."""
        if self._walk is not None and (there := self._walk.to_weights()) is not None:
            self._go(there)

    def action_quantity(self) -> None:
        """Differentiate a logit instead of the loss, or the loss again."""
        walk = self._walk
        if walk is None:
            return
        of = None
        if walk.trace.of is None:
            at_output = walk.here.name in (walk.trace.last, "softmax")
            of = walk.here.at[0] if at_output else WINNER
        self.ask(of=of)

    def action_sort(self) -> None:
        """List the products by size, or in order."""
        self._by_size = not self._by_size
        self.show_state()

    def action_export(self) -> None:
        """Draw the value, and notify where."""
        if self._walk is not None and self._traced is not None:
            self.export(partial(export.write, self._walk, self._traced))
