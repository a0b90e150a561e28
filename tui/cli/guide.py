"""`convsole guide`: lists the chapters of the guide, or prints one."""

from typing import Annotated

import typer

from tui import exit_codes
from tui.cli import say


@say.faults_in_one_sentence()
def guide(
    chapter: Annotated[
        str | None, typer.Argument(metavar="CHAPTER", help="A name, or its beginning.")
    ] = None,
) -> None:
    """List the chapters of the guide, or print one in Markdown."""
    from tui.chapters.catalogue import CHAPTERS, GuideError, source

    if chapter is None:
        for each in CHAPTERS:
            say.line(f"{each.name:20}  {each.title}")
        return
    found = [each for each in CHAPTERS if each.name.lower().startswith(chapter.lower())]
    if len(found) != 1:
        names = ", ".join(each.name for each in CHAPTERS)
        say.fail(f"there is no chapter {chapter!r}; there are {names}")
    try:
        lines = source(found[0].name).splitlines()
    except GuideError as error:
        say.fail(str(error), exit_codes.FAILED)
    for line in lines:
        say.line(line)
