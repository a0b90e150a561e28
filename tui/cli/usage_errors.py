"""Wrong options and arguments, answered in one sentence like every other wrong input."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from tui.cli import say

UsageError: Any = typer.BadParameter.__base__
"""The exception that Typer raises for invalid arguments, but does not export."""


class Commands(TyperGroup):
    """A command group that says what is wrong with its arguments, and where to look it up."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Parse the arguments before the command."""
        with _in_one_sentence():
            return super().make_context(*arguments, **more)

    def invoke(self, *arguments: Any) -> Any:
        """Parse the arguments of the command, and run it."""
        with _in_one_sentence():
            return super().invoke(*arguments)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise  # its message is the help
        say.fail(f"{_sentence(error)}; see `{_command(error.ctx)} --help`")


def _command(context: Any) -> str:
    """Return the command whose arguments are wrong, such as `convsole runs list`."""
    if context is None:
        return "convsole"
    behind = context.command_path.removeprefix(context.find_root().info_name)
    return f"convsole{behind}"


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
    return f"{given} is not a {'whole ' if kind.startswith('int') else ''}number"
