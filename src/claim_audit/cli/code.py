"""`claim-audit code HCPCS`: what is known about a code, with sources, and what is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from claim_audit.cli.reference import PolicyFiles, ReferenceFolder
from claim_audit.cli.terminal import print_json, wide

if TYPE_CHECKING:
    from claim_audit.cli.sheet import Section

HCPCS = re.compile(r"[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]", re.ASCII)


def code(
    hcpcs: Annotated[str, typer.Argument(metavar="HCPCS", help="A HCPCS code, such as A4231.")],
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Date of service to look the facts up for. (default: today)",
        ),
    ] = None,
    reference: ReferenceFolder = None,
    policy: PolicyFiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the sheet of a code: unit, sites, modifiers, use, diagnoses, limits, payers, rules."""
    from dataclasses import asdict

    from claim_audit import errors
    from claim_audit.cli.sheet import sheet
    from claim_audit.cli.sheet_facts import About
    from claim_audit.reference.tables import Reference
    from claim_audit.rules.registry import all_rules

    asked = hcpcs.strip().upper()
    if not HCPCS.fullmatch(asked):
        raise errors.code_misshapen(hcpcs)
    tables = Reference.load(reference, policy or ())
    about = About(asked, (on or datetime.now()).date(), tables, tuple(all_rules().values()))
    if not about.known:
        raise errors.code_unknown(asked, tables["hcpcs"].frame["hcpcs_code"])
    sections = sheet(about)
    if as_json:
        print_json(
            {"hcpcs_code": asked, "on": about.on, "sections": [asdict(each) for each in sections]}
        )
        return
    _print(about.code, f"on {about.on}", sections)


def _print(code: str, day: str, sections: Sequence[Section]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console = wide()
    numbers: dict[str, int] = {}
    console.print(Text.assemble((code, "bold"), f"  {day}"))
    for section in sections:
        console.print()
        console.print(section.title, style="bold")
        for fact in section.facts:
            cited = [numbers.setdefault(each, len(numbers) + 1) for each in fact.sources]
            notes = [f"({fact.by})"] * bool(fact.by) + [f"[{number}]" for number in cited]
            line = Text.assemble((fact.name, "cyan"), ": ", fact.says, (_tail(notes), "dim"))
            console.print(Padding(line, (0, 0, 0, 2), expand=False))
    console.print()
    console.print("Sources", style="bold")
    for source, number in numbers.items():
        console.print(Padding(Text(f"[{number}] {source}"), (0, 0, 0, 2), expand=False))


def _tail(notes: Sequence[str]) -> str:
    return "".join(f" {note}" for note in notes)
