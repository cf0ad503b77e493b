"""`claim-audit rule ID`: the page of one rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from claim_audit.cli.terminal import plain, print_json

if TYPE_CHECKING:
    from claim_audit.rules.form import Rule


def rule(
    name: Annotated[str, typer.Argument(metavar="ID", help="An id or dotted name of a rule.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a rule checks, why, what it reads, its parameters and its source."""
    from claim_audit.cli.rules import facts

    found = named(name)
    if as_json:
        print_json({**facts(found), "doc": found.doc})
        return
    console = plain()
    console.print(f"{found.id}  {found.name}", style="bold", soft_wrap=True)
    for line in (*found.doc.splitlines(), "", *_declared(found)):
        console.print(line, style="bold" if _is_heading(line) else "", soft_wrap=True)


def named(name: str) -> Rule:
    """The rule with this id or dotted name, in any case.

    Raises:
        ClaimAuditError: there is none; the nearest id or name is the hint.
    """
    from claim_audit import errors
    from claim_audit.rules.registry import all_rules

    known = all_rules()
    by_name = {rule.name: rule for rule in known.values()}
    found = known.get(name.strip().upper()) or by_name.get(name.strip().lower())
    if found is None:
        raise errors.unknown_rule(name, [*known, *by_name])
    return found


def _is_heading(line: str) -> bool:
    return bool(line) and not line.startswith(" ") and not line.endswith(".")


def _declared(rule: Rule) -> Iterator[str]:
    state = "on by default" if rule.default else f"off unless --select {rule.id}"
    dates = [f"from {rule.dos_from}"] * bool(rule.dos_from) + [f"to {rule.dos_to}"] * bool(
        rule.dos_to
    )
    yield from _section("Severity", [f"{rule.severity} (the highest it gives)"])
    yield from _section("Status", [f"{rule.status}, since {rule.since}, {state}"])
    yield from _section("Judges", [f"{', '.join(rule.kinds)} ({rule.category.replace('_', ' ')})"])
    yield from _section("Codes", [" ".join(rule.codes) or "any"])
    yield from _section("Lines of business", [", ".join(rule.lines_of_business) or "any"])
    yield from _section("Dates of service", [" ".join(dates) or "any"])
    yield from _section("Fields", list(_fields(rule)) or ["none"])
    yield from _section("Reference tables", [", ".join(rule.tables) or "none"])
    yield from _section("Parameters", list(_parameters(rule)) or ["none"])
    yield from _section("Rests on", [f"{rule.source}; {rule.source.confidence}"])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield title
    yield from (f"    {line}" for line in lines)
    yield ""


def _fields(rule: Rule) -> Iterator[str]:
    if rule.reads:
        yield f"read on every line, else the line is not evaluated: {', '.join(rule.reads)}"
    if rule.needs:
        wanted = [one.replace("|", " or ") for one in rule.needs]
        yield f"a column the file must have: {', '.join(wanted)}"
    if rule.uses:
        yield f"used where present: {', '.join(rule.uses)}"


def _parameters(rule: Rule) -> Iterator[str]:
    if rule.params:
        yield "to change them, write into claim-audit.toml:"
        yield f"[params.{rule.id}]"
        yield from (f"{name} = {_toml(value)}" for name, value in rule.params.items())


def _toml(value: object) -> str:
    """A value as TOML writes it; JSON's numbers, texts, flags and lists are the same there."""
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
