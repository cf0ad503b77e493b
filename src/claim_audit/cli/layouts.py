"""`claim-audit layouts`: the layouts, or how one of them maps columns to fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from claim_audit.cli.terminal import print_json, print_rows, wide

if TYPE_CHECKING:
    from claim_audit.ingest.layouts import Layout

Row = tuple[str, str, str]


def layouts(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|FILE]", help="A layout to show in full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the layouts that extracts are recognised by, or show the mapping of one."""
    from claim_audit.ingest.layouts import builtin, resolve

    if name is not None:
        _show(resolve(name), as_json)
        return
    known = builtin().values()
    if as_json:
        print_json([{"name": each.name, "title": each.title} for each in known])
        return
    print_rows(
        ["layout", "fields", "title", "source"],
        [(each.name, str(len(_fields(each))), each.title, each.source) for each in known],
        wrapping={"title", "source"},
    )


def _show(layout: Layout, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        print_json(asdict(layout))
        return
    console = wide()
    console.print(f"{layout.name}: {layout.title}", style="bold")
    for label, value in _reading(layout):
        console.print(f"{label}: {value}")
    console.print()
    columns = ["field", "column in the file", "meaning"]
    print_rows(columns, list(_mapping(layout)), wrapping=columns[1:])


def _fields(layout: Layout) -> set[str]:
    repeated = layout.repeat.columns if layout.repeat else {}
    return {*layout.columns, *layout.constants, *repeated}


def _reading(layout: Layout) -> Iterator[tuple[str, str]]:
    if layout.source:
        yield "source", layout.source
    dialect = {
        "delimiter": layout.delimiter,
        "quote": layout.quote,
        "encoding": layout.encoding,
    }
    declared = [f"{name} {value!r}" for name, value in dialect.items() if value is not None]
    yield "dialect", ", ".join(declared) or "detected"
    yield "dates", " ".join(layout.date_formats) or "detected"
    if layout.joined_modifiers:
        yield "modifiers joined in one column", " or ".join(layout.joined_modifiers)
    if layout.repeat:
        yield "claim lines in a record", f"{layout.repeat.count}, numbered {{n}}"


def _mapping(layout: Layout) -> Iterator[Row]:
    from claim_audit.contract.claim_line import FIELDS

    repeated = layout.repeat.columns if layout.repeat else {}
    columns = {**layout.columns, **repeated}
    for field, meaning in FIELDS.items():
        if field in columns:
            yield field, _column(layout, field, columns[field]), meaning.title
        elif field in layout.constants:
            yield field, f"always {layout.constants[field]!r}", meaning.title
    if layout.adjustment:
        kinds = {
            "original": layout.adjustment.original,
            "replacement": layout.adjustment.replacement,
            "void": layout.adjustment.void,
        }
        codes = "; ".join(f"{kind} {' '.join(said)}" for kind, said in kinds.items() if said)
        yield (
            "claim_frequency_code",
            f"{layout.adjustment.column} ({codes})",
            FIELDS["claim_frequency_code"].title,
        )
        if layout.adjustment.reference:
            yield (
                "cross_reference_claim_id",
                layout.adjustment.reference,
                FIELDS["cross_reference_claim_id"].title,
            )


def _column(layout: Layout, field: str, names: tuple[str, ...]) -> str:
    instead = layout.fallback.get(field)
    return " or ".join(names) + (f"; where blank or zero {instead}" if instead else "")
