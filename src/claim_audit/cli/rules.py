"""`claim-audit rules`: every rule in a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from claim_audit.cli.terminal import print_json, print_rows

if TYPE_CHECKING:
    from claim_audit.rules.form import Rule


def rules(
    category: Annotated[
        str | None, typer.Option(help="Only rules of this category, such as 'units'.")
    ] = None,
    severity: Annotated[
        Literal["error", "warning", "info"] | None,
        typer.Option(help="Only rules of this severity."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the rules: id, name, severity, status, what they judge, title."""
    from claim_audit.rules.registry import all_rules

    folder = _folder(category) if category else None
    shown = [
        rule
        for rule in all_rules().values()
        if folder in {None, rule.category} and severity in {None, rule.severity}
    ]
    if as_json:
        print_json([facts(rule) for rule in shown])
        return
    print_rows(
        ["id", "name", "severity", "status", "judges", "title"],
        [
            (
                rule.id,
                rule.name,
                rule.severity,
                rule.status if rule.default else f"{rule.status}, off",
                ", ".join(rule.kinds),
                rule.title,
            )
            for rule in shown
        ],
        wrapping={"name", "title"},
    )


def facts(rule: Rule) -> Mapping[str, Any]:
    """What a rule declares, for JSON."""
    return {
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "category": rule.category,
        "severity": rule.severity,
        "status": rule.status,
        "since": rule.since,
        "default": rule.default,
        "kinds": list(rule.kinds),
        "reads": list(rule.reads),
        "needs": list(rule.needs),
        "uses": list(rule.uses),
        "tables": list(rule.tables),
        "codes": list(rule.codes),
        "lines_of_business": list(rule.lines_of_business),
        "dos_from": rule.dos_from,
        "dos_to": rule.dos_to,
        "params": dict(rule.params),
        "source": {
            "document": rule.source.document,
            "edition": rule.source.edition,
            "confidence": rule.source.confidence,
        },
    }


def _folder(name: str) -> str:
    from claim_audit import errors
    from claim_audit.rules.registry import CATEGORIES

    folder = name.strip().lower().replace(" ", "_").replace("-", "_")
    if folder not in CATEGORIES:
        raise errors.category_unknown(name, CATEGORIES)
    return folder
