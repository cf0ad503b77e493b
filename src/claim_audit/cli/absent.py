"""Options and arguments that nobody gave are None, and nothing is imported to find that out.

Typer hands them to pydantic like those that were given, and importing pydantic takes a good part
of the time in which the rules are listed.
"""

from __future__ import annotations

from typing import Any

from typer import Context
from typer.core import TyperArgument, TyperOption


class Option(TyperOption):
    """An option that is left alone where it is absent."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """Convert what was given; an absent value goes to the callback as it is."""
        if value is not None or self.required or self.multiple:
            return super().process_value(ctx, value)
        return self.callback(ctx, self, None) if self.callback else None


class Argument(TyperArgument):
    """An argument that is left alone where it is absent."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """Convert what was given."""
        if value is not None or self.required or self.nargs != 1:
            return super().process_value(ctx, value)
        return None


def left_alone(command: Any) -> Any:
    """A command of Typer, with the absent parameters of it and of those below it left alone."""
    for parameter in command.get_params(Context(command)):
        if type(parameter) is TyperOption:
            parameter.__class__ = Option
        if type(parameter) is TyperArgument:
            parameter.__class__ = Argument
    for below in getattr(command, "commands", {}).values():
        left_alone(below)
    return command
