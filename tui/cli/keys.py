"""`convsole keys`: lists the keys of the app, and checks the file that changes them."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import JsonOption


@say.faults_in_one_sentence()
def keys(
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a complete key file, to change and keep.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page of the documentation.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the keys of the app, and check the key file."""
    from tui.keymap import file, page
    from tui.keymap.keys import keys_of, name, use
    from tui.keymap.verbs import VERBS

    place = file.place()
    given = _given()
    use(given)
    if as_json:
        listed = [
            {"name": verb, "keys": keys_of(verb), "meaning": each.words, "changed": verb in given}
            for verb, each in VERBS.items()
        ]
        say.json_line({"file": str(place), "found": place.exists(), "keys": listed})
    elif toml or markdown:
        for line in (file.written() if toml else page.page()).splitlines():
            say.line(line)
    else:
        widest = max(map(len, VERBS))
        group = ""
        for verb, each in VERBS.items():
            if each.group != group:
                group = each.group
                say.line(group, "bold")
            shown = " ".join(map(name, keys_of(verb)))
            changed = " (changed)" if verb in given else ""
            say.line(f"  {verb:<{widest}}  {shown:<12}  {each.words}{changed}")
        say.line("")
        state = f"gives {len(given)} of them other keys" if place.exists() else "is not there yet"
        say.line(f"{place} {state};")
        say.line("`convsole keys --toml` prints a file to begin with.")


def _given() -> dict[str, tuple[str, ...]]:
    from tui.keymap import file

    try:
        return file.read(file.place())
    except file.KeysError as error:
        say.fail(str(error))
