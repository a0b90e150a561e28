"""The keys of the Explain pane that choose which image, which weights, and what is tried."""

from pathlib import Path

from tui.dialogs.picture import ask_for_picture
from tui.explain import source
from tui.explain.tracing import Tracing
from tui.explain.wanted import Content


class Choosing(Tracing):
    """A pane whose actions choose what is traced; a subclass says when they are possible."""

    @property
    def _image(self) -> int:
        """The number of the image that was asked for last, which may not be traced yet."""
        return self._asked.image if self._asked is not None else 0

    def action_image(self, by: int) -> None:
        """Show the next image, or the one before."""
        if self._traced is not None:
            count = len(self._traced.network.dataset.test)
            self.look_at((self._image + by) % count)

    def action_alike(self) -> None:
        """Show the next image of the same class."""
        if self._traced is not None:
            self.look_at(source.next_alike(self._traced.network, self._image))

    def action_next_class(self) -> None:
        """Show the next image of another class."""
        if self._traced is not None:
            self.look_at(source.next_of_class(self._traced.network, self._image))

    def action_mistake(self) -> None:
        """Show the next image that the network gets wrong."""
        if self._traced is not None:
            self._works = True
            self.show_state()
            self.find_mistake(self._traced.network, self._image)

    def action_input(self) -> None:
        """Show noise, the mean image, or the image again."""
        if self._traced is not None:
            kinds = list(Content)
            now = self._asked.content if self._asked is not None else Content.IMAGE
            after = kinds[(kinds.index(now) + 1) % len(kinds)]
            self.ask(content=after, file=None, steps=0)

    def action_weights(self) -> None:
        """Take the next of the weights."""
        self.next_weights()

    def action_moment(self, by: int) -> None:
        """Take the weights before these, or after."""
        self._plays = False
        self.step_moment(by)

    def action_play(self) -> None:
        """Show the network as it came to be."""
        self.play()

    def action_learn(self) -> None:
        """Try a step of learning on the image."""
        if (wanted := self.wanted) is not None:
            self.ask(steps=wanted.steps + 1)

    def action_undo(self) -> None:
        """Take the last of the tried steps back."""
        if (wanted := self.wanted) is not None:
            self.ask(steps=max(0, wanted.steps - 1))

    def action_batch(self) -> None:
        """Run the image in the next batch of the training, or alone."""
        if (wanted := self.wanted) is not None:
            self.ask(in_batch=not wanted.in_batch, steps=0)

    def action_picture(self) -> None:
        """Ask for a picture file."""
        ask_for_picture(self.app, self._open)

    def _open(self, path: Path) -> None:
        self.ask(file=path, steps=0)
