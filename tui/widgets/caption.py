"""Words on the border of a box."""

from textual.content import Content
from textual.widget import Widget


def caption(box: Widget, title: str | None = None, below: str | None = None) -> None:
    """Write title and subtitle of a box, where they are not there already.

    Textual paints the whole box whenever one is written.

    Args:
        box: the box.
        title: the words above, without markup; None leaves them.
        below: the words below; None leaves them.
    """
    if title is not None and box.border_title != Content(title).markup:
        box.border_title = Content(title)
    if below is not None and box.border_subtitle != Content(below).markup:
        box.border_subtitle = Content(below)
