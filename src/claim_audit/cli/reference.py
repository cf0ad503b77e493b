"""`claim-audit reference list`: the reference tables, where they come from, how far they reach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claim_audit.cli.terminal import print_json, print_rows, wide

ReferenceFolder = Annotated[
    Path | None,
    typer.Option(
        "--reference",
        metavar="DIR",
        help="Folder of tables that take the place of the built-in ones.",
        rich_help_panel="Rules and reference",
    ),
]
PolicyFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="Payer policies over the built-in ones; can be given more than once.",
        rich_help_panel="Rules and reference",
    ),
]


def list_tables(
    reference: ReferenceFolder = None,
    policy: PolicyFiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the reference tables: release, dates, rows, what absence from them means, sources."""
    from claim_audit.reference.tables import Reference

    rows = Reference.load(reference, policy or ()).describe().to_dicts()
    if as_json:
        print_json(rows)
        return
    print_rows(
        ["table", "origin", "release", "rows", "from", "to", "what is not in it"],
        [
            (
                row["table"],
                row["origin"],
                row["release"],
                str(row["rows"]),
                str(row["valid_from"] or "open"),
                str(row["valid_to"] or "open"),
                "does not exist" if row["complete"] else "is not known",
            )
            for row in rows
        ],
        wrapping={"origin", "release"},
    )
    console = wide()
    for row in rows:
        console.print(f"\n{row['table']}: {row['confidence']}")
        console.print(f"    {row['sources']}")
