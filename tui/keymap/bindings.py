"""Bindings by verb: a widget says what it does, and the key map says with which key."""

from textual.binding import Binding

from tui.keymap.verbs import VERBS


def bind(
    verb: str,
    action: str,
    label: str,
    words: str = "",
    *,
    show: bool = False,
    display: str | None = None,
    priority: bool = False,
) -> Binding:
    """Return the binding of an action to the keys of a verb.

    Its id is the verb, so that a key given to the verb in the user's file holds for it.

    Args:
        verb: a name in `VERBS`.
        action: the action, as in `textual.binding.Binding`.
        label: what it does, in a word or two, for the footer.
        words: what it does, in a sentence, for help; may name keys as in `tui.keymap.keys.fill`.
        show: whether the footer shows it.
        display: what the footer shows instead of the key, unless the user has chosen another.
        priority: whether it works before the widget that has the focus gets the key.
    """
    meaning = VERBS[verb].words
    return Binding(
        ",".join(VERBS[verb].keys),
        action,
        label,
        show=show,
        key_display=display,
        priority=priority,
        tooltip=words or f"{meaning[:1].upper()}{meaning[1:]}",
        id=verb,
    )
