"""Keys that mean something here, but not now: they say why instead of staying silent."""

from textual.binding import ActiveBinding

from core.format import first_fitting
from tui.keymap import keys
from tui.keymap.verbs import VERBS


class Refusing:
    """A widget, screen or app whose actions can be refused with a reason.

    List it before Textual's base class. It is no DOM node itself, because Textual takes the styles
    of a widget from the first base that is one.
    """

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now, in a line.

        An empty text means that it is; None that there is no such action here at the moment, so
        that its key is free for others.
        """
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action is possible: True, None if it is refused, False if absent."""
        reason = self.refusal(action, parameters)
        return False if reason is None else None if reason else True


def meaningless(verb: str, key: str, room: int, has_help: bool) -> str:
    """Return that a key means nothing in a place, in the longest form that fits.

    Args:
        verb: what it means elsewhere.
        key: the key, as Textual names it.
        room: columns for the text.
        has_help: whether the help can be opened in this place.
    """
    name, words = keys.name(key), VERBS[verb].words
    forms = (f"{name}: {words}; not here", f"{name} means nothing here")
    helps = keys.fill(", {help} shows what works")
    return first_fitting(room, *([forms[0] + helps] if has_help else []), *forms)


def reason(active: ActiveBinding) -> str:
    """Return why a binding is not enabled; empty if it does not say."""
    node = active.node
    target, action, parameters = node.app._parse_action(active.binding.action, node)
    if not isinstance(target, Refusing):
        return ""
    return target.refusal(action, parameters) or ""
