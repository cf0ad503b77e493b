"""The contract and the outputs as files for others: `python -m claim_audit.contract.export`.

Partners can check a file against the table schema before they send it; whoever reads the reports
by program finds every column and every key described.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from claim_audit import resources
from claim_audit.contract.claim_line import FIELDS, REQUIRED, SHAPES, Field, Kind
from claim_audit.report.columns import TABLES
from claim_audit.report.documents import Manifest, Summary

TYPES: Final[Mapping[Kind, str]] = {
    "text": "string",
    "code": "string",
    "date": "date",
    "money": "number",
    "quantity": "number",
    "integer": "integer",
}
"""Table Schema types by kind."""

NOTES: Final[Mapping[str, str]] = {
    "npi": "The last digit is the Luhn check digit of the number behind the prefix 80840.",
}
"""What a shape asks for that a pattern cannot say."""

_PATTERN: Final = re.compile(r"str\.contains\(\[\"\\A\(\?:(.*?)\)\\z\"\]\)")


def pattern(shape: str) -> str:
    """The regular expression in a named shape, in the syntax of XML Schema.

    It has no anchors, for it is to match the whole cell, and its groups are plain ones.
    """
    (found,) = _PATTERN.findall(str(SHAPES[shape](pl.col("cell"))))
    plain = str(found).replace("(?:", "(")
    return f"({plain})" if "|" in plain else plain


def table_schema() -> dict[str, Any]:
    """The claim line as a Frictionless Table Schema (version 2).

    A file need not have every field (`fieldsMatch` is partial), but a run needs those that are
    required. `private` is a property of our own.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": "claim_line",
        "title": "Claim line",
        "description": "One line of one claim, in the names and shapes that claim-audit reads. "
        "Dates are ISO 8601, amounts USD with a decimal point, codes in upper case.",
        "fieldsMatch": "partial",
        "missingValues": [""],
        "fields": [_field(field) for field in FIELDS.values()],
    }


def _field(field: Field) -> dict[str, Any]:
    return _present(
        {
            "name": field.name,
            "title": field.title,
            "description": " ".join(NOTES[shape] for shape in field.checks if shape in NOTES),
            "type": TYPES[field.kind],
            "constraints": _present(
                {
                    "required": field.name in REQUIRED,
                    "pattern": "".join(map(pattern, field.checks)),
                }
            ),
            "private": field.private,
        }
    )


def _present(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value}


def fields_page() -> str:
    """The fields as a page of documentation, in Markdown."""
    head = [
        "# Fields of a claim line",
        "",
        "Generated from the contract by `python -m claim_audit.contract.export`. A run needs "
        f"{', '.join(f'`{name}`' for name in REQUIRED)}; any other field that is missing silences "
        "the rules that need it. Private fields stay out of logs and messages.",
        "",
        "| field | meaning | kind | shape | required | private |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| `{field.name}` | {field.title} | {field.kind} | {_shape(field)} "
        f"| {'yes' if field.name in REQUIRED else ''} | {'yes' if field.private else ''} |"
        for field in FIELDS.values()
    ]
    return "\n".join([*head, *rows]) + "\n"


def _shape(field: Field) -> str:
    return ", ".join(f"{shape}: `{pattern(shape)}`".replace("|", r"\|") for shape in field.checks)


class _Schema(GenerateJsonSchema):
    """JSON Schema without the titles that only repeat a name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema(document: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document."""
    return {
        "$schema": _Schema.schema_dialect,
        **document.model_json_schema(schema_generator=_Schema),
        "title": title,
    }


def tables_csv() -> str:
    """Every column of the tables: `table`, `column`, `type`, `unit`, `meaning`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "column", "type", "unit", "meaning"])
    writer.writerows(
        [name, column, type_name(dtype), table.columns[column].unit, table.columns[column].meaning]
        for name, table in TABLES.items()
        for column, dtype in table.schema.items()
    )
    return text.getvalue()


def type_name(dtype: Any) -> str:
    """The name of a Polars type in lower case: ``string``, ``uint32``, ``decimal(16,4)``."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return str(dtype).lower()


def files() -> dict[str, str]:
    """What stands in the folder of schemas, by file name."""
    return {
        "claim_line.table-schema.json": _json(table_schema()),
        "claim_line.md": fields_page(),
        "summary.schema.json": _json(json_schema(Summary, "summary.json of a claim-audit run")),
        "manifest.schema.json": _json(json_schema(Manifest, "manifest.json of a claim-audit run")),
        "tables.csv": tables_csv(),
    }


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> None:
    """Write the files anew."""
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(resources.schemas())
