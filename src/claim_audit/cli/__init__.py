"""The command line: it parses and prints, and its exit code says how it went.

Everything heavy is imported inside a command, so that `--help` need not wait for it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from copy import copy
from typing import Annotated

import typer

from claim_audit.cli.absent import left_alone
from claim_audit.cli.code import code
from claim_audit.cli.exits import EXIT_CODES, Program
from claim_audit.cli.layout_suggest import suggest
from claim_audit.cli.layouts import layouts
from claim_audit.cli.reference import list_tables
from claim_audit.cli.rule import rule
from claim_audit.cli.rules import rules
from claim_audit.cli.run import run
from claim_audit.cli.sample import sample

COLLECT_AFTER = 100_000
"""New objects after which Python looks for garbage: what is imported makes many, and all stay."""

app = typer.Typer(
    name="claim-audit", cls=Program, no_args_is_help=True, pretty_exceptions_enable=False
)

layout_commands = typer.Typer(no_args_is_help=True, help="Write a layout for an extract.")
layout_commands.command(
    "suggest",
    epilog="Example: claim-audit layout suggest claims.csv > my-layout.toml",
)(suggest)

reference_commands = typer.Typer(no_args_is_help=True, help="What the rules look facts up in.")
reference_commands.command(
    "list",
    epilog="Example: claim-audit reference list --reference my-tables/",
)(list_tables)

app.command(
    "run",
    epilog="Example: claim-audit run claims/ --fail-on never --out reports\n\n" + EXIT_CODES,
)(run)
app.command("rules", epilog="Example: claim-audit rules --category units --severity error")(rules)
app.command("rule", epilog="Example: claim-audit rule UN-02")(rule)
app.command("code", epilog="Example: claim-audit code A4231 --on 2024-08-15")(code)
app.command("layouts", epilog="Example: claim-audit layouts ccw-rif-dme")(layouts)
app.add_typer(layout_commands, name="layout")
app.add_typer(reference_commands, name="reference")
app.command(
    "sample",
    epilog="Example: claim-audit sample --lines 10000 --seed 7 --format parquet --out made-up",
)(sample)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"claim-audit {version('claim-audit')}")
        raise typer.Exit


@app.callback(epilog="Example: claim-audit run claims.csv")
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Read exported claim lines, prove that all were read, and judge each by dated rules."""


def main() -> None:
    """Run the program with the arguments of the process."""
    gc.set_threshold(COLLECT_AFTER)
    left_alone(typer.main.get_command(_with(sys.argv[1:2])))()


def _with(named: Sequence[str]) -> typer.Typer:
    """The program with the command named alone, for to make all of them takes time; else whole."""
    commands = [command for command in app.registered_commands if command.name in named]
    if not commands:
        return app
    part = copy(app)
    part.registered_commands, part.registered_groups = commands, []
    return part
