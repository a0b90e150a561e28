"""The page of the documentation that shows all keys."""

from tui.keymap.areas import AREAS, bindings
from tui.keymap.keys import fill, keys_of, name
from tui.keymap.verbs import MOVES, VERBS

HEAD = """\
# Keys

One key, one meaning: the same key starts, stops, sorts, filters, exports and compares in every pane
where that means something. `?` shows the keys that work at the moment, and a key that cannot do its
work says why in the last line of the screen.

`Tab` and `Shift+Tab` go from box to box, `Ctrl+P` opens a list of everything that can be done. A
click on a heading sorts by that column, a second one turns the order round; a double click opens a
row; the signs ◂ ▸ beside a value step it, and a click outside of a dialog closes it.

## Other keys

`convsole keys --toml > keys.toml` writes all of them to a file. In the folder of Convsole's data
(`convsole keys` says where that is) it gives other keys to whatever its lines name; what is left
out keeps its own. `convsole keys` checks the file and lists the keys that hold.
"""


def page() -> str:
    """Return the page in Markdown."""
    lines = [HEAD, "## All keys\n"]
    group = ""
    for verb, each in VERBS.items():
        if each.group != group:
            group = each.group
            lines.append(f"\n### {group}\n\n| Key | Name in the file | Meaning |\n|---|---|---|")
        shown = " ".join(f"`{name(key)}`" for key in keys_of(verb))
        lines.append(f"| {shown} | {verb} | {each.words} |")
    lines.append("\n## Pane by pane")
    for area, title in AREAS.items():
        lines.append(f"\n### {title}\n\n| Key | |\n|---|---|")
        for binding in bindings(area):
            assert binding.id is not None
            if VERBS[binding.id].group != MOVES:
                words = fill(binding.tooltip).replace("|", "\\|")
                lines.append(f"| `{name(keys_of(binding.id)[0])}` | {words} |")
    return "\n".join(lines) + "\n"
