"""The keys of the guide."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

GUIDE_KEYS: list[BindingType] = [
    bind("left", "turn(-1)", "Before", "Open the chapter before", show=True),
    bind("right", "turn(1)", "Next", "Open the next chapter", show=True),
    bind("guide", "contents", "Contents", "Go to the list of chapters, or back to the text",
         show=True),
    bind("close", "dismiss", "Close", "Go back to where the guide was opened", show=True),
    bind("quit", "dismiss", "Close", "Go back to where the guide was opened"),
    bind("help", "app.help", "Keys", show=True),
]  # fmt: skip

CONTENTS_KEYS: list[BindingType] = [
    bind("open", "open", "Read", "Open this chapter", show=True),
]

TEXT_KEYS: list[BindingType] = [
    bind("up", "scroll_up", "Up", "Show what is further up"),
    bind("down", "scroll_down", "Down", "Show what is further down"),
    bind("page_up", "page_up", "Page up"),
    bind("page_down", "page_down", "Page down"),
    bind("first", "scroll_home", "First", "Go to the beginning of the chapter"),
    bind("last", "scroll_end", "Last", "Go to the end of the chapter"),
]
