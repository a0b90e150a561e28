"""Wrong options and arguments, answered in one sentence like every other wrong input."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from tui.cli import say

UsageError: Any = typer.BadParameter.__base__
"""The exception that Typer raises for invalid arguments, but does not export."""


class Commands(TyperGroup):
    """A command group that says what is wrong with its arguments, and where to look it up."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Parse the arguments before the command."""
        parent = more.get("parent", arguments[2] if len(arguments) > 2 else None)
        with _in_one_sentence(f"{parent.command_path} {arguments[0]}" if parent else "convsole"):
            return super().make_context(*arguments, **more)

    def invoke(self, context: Any) -> Any:
        """Parse the arguments of the command, and run it."""
        try:
            return super().invoke(context)
        except UsageError as error:
            # The parser of options knows no context; the group knows which command it has begun.
            begun = context.invoked_subcommand
            _fail(error, " ".join(filter(None, (context.command_path, begun))))


@contextmanager
def _in_one_sentence(command: str) -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        _fail(error, command)


def _fail(error: Any, command: str) -> NoReturn:
    """Exit with the sentence of an error in the arguments of a command, or of the one it names.

    Raises:
        UsageError: the same, if its message is the help.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        raise error
    if error.ctx is not None:
        command = error.ctx.command_path
    words = " ".join(["convsole", *command.split()[1:]])
    say.fail(f"{_sentence(error)}; see `{words} --help`")


def _sentence(error: Any) -> str:
    from pydantic import ValidationError

    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return f"{error.param.opts[0]}: {_number(cause.errors()[0])}"
    parts = error.format_message().rstrip(".?").split(". ")
    return "; ".join(f"{part[:1].lower()}{part[1:]}" for part in parts)


def _number(problem: Any) -> str:
    """Return what is wrong with a number, for which Typer asks pydantic."""
    from core.settings import quoted

    given, kind = quoted(problem["input"]), problem["type"]
    if kind == "greater_than_equal" and problem["input"] != "nan":
        return f"{given} is below its range; it begins at {problem['ctx']['ge']}"
    if kind == "less_than_equal" and problem["input"] != "nan":
        return f"{given} is above its range; it ends at {problem['ctx']['le']}"
    return f"{given} is not a {'whole ' if kind.startswith('int') else ''}number"
