"""The exported contract and schemas: as the code makes them, and true of real output."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from claim_audit import resources
from claim_audit.config import AuditConfig
from claim_audit.contract import export
from claim_audit.contract.claim_line import FIELDS, REQUIRED, SHAPES, npi_check_digit
from claim_audit.pipeline import AuditResult, audit
from claim_audit.report import run_folder
from claim_audit.report.columns import TABLES
from claim_audit.report.masking import masked

EXTRACT = """\
claim_id,claim_line_number,member_id,payer_name,billing_npi,place_of_service,service_from_date,hcpcs_code,modifier_1,units,charge_amount
C1,1,M1,Original Medicare,1234567893,12,2024-07-01,A4224,KX,13,400
C1,2,M1,Original Medicare,1234567890,12,2024-07-01,J1817,,-1,80.5
C2,1,M2,Somebody,1234567893,12
C3,1,M3,Aetna,1234567893,12,2024-07-01,A4231,,9000,1
"""
DOCUMENTS = ("summary", "manifest")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    path = tmp_path_factory.mktemp("extract") / "claims.csv"
    path.write_text(EXTRACT)
    return audit(path, config=AuditConfig(as_of=date(2026, 1, 1)))


def exported(name: str) -> str:
    return (resources.schemas() / name).read_text("utf-8")


def schema(document: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(exported(f"{document}.schema.json"))
    return loaded


def nodes(value: Any) -> list[dict[str, Any]]:
    """Every object inside a JSON value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [node for part in inside for node in nodes(part)]


@pytest.mark.parametrize("name", export.files())
def test_the_exported_files_are_those_the_code_makes(name: str) -> None:
    """`python -m claim_audit.contract.export` writes them anew."""
    assert exported(name) == export.files()[name]


def test_the_exporter_writes_them(tmp_path: Path) -> None:
    export.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(export.files())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_schemas_are_strict_and_say_what_things_are(document: str) -> None:
    loaded = schema(document)
    Draft202012Validator.check_schema(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for node in nodes(loaded):
        if "properties" in node and "type" in node:
            assert node["additionalProperties"] is False
            assert all("description" in part for part in node["properties"].values())


@pytest.mark.parametrize("with_masks", [False, True])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_real_documents_keep_to_the_schemas(
    document: str, with_masks: bool, result: AuditResult, tmp_path: Path
) -> None:
    folder = run_folder.write(masked(result) if with_masks else result, tmp_path, "run")
    content = json.loads((folder / f"{document}.json").read_bytes())
    Draft202012Validator(schema(document)).validate(content)
    assert set(content) == set(schema(document)["properties"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_key_too_many_is_noticed(document: str, result: AuditResult, tmp_path: Path) -> None:
    folder = run_folder.write(result, tmp_path, "run")
    content = json.loads((folder / f"{document}.json").read_bytes())
    validator = Draft202012Validator(schema(document))
    assert not validator.is_valid({**content, "more": 1})
    assert not validator.is_valid({key: content[key] for key in list(content)[1:]})


def test_every_column_of_the_tables_is_described(result: AuditResult) -> None:
    rows = list(csv.DictReader(io.StringIO(exported("tables.csv"))))
    assert all(row["meaning"] for row in rows)
    for name, table in result.tables.items():
        described = {row["column"]: row["type"] for row in rows if row["table"] == name}
        found = {column: export.type_name(dtype) for column, dtype in table.schema.items()}
        assert list(described.items()) == list(found.items())
        assert list(TABLES[name].columns) == table.columns
    assert {row["table"] for row in rows} == set(result.tables)


def test_numbers_have_a_unit() -> None:
    rows = csv.DictReader(io.StringIO(exported("tables.csv")))
    bare = {
        row["column"] for row in rows if row["type"] not in {"string", "date"} and not row["unit"]
    }
    assert bare == {"claim_line_number"}


def test_the_table_schema_has_every_field() -> None:
    fields = json.loads(exported("claim_line.table-schema.json"))["fields"]
    assert [field["name"] for field in fields] == list(FIELDS)
    assert all(field["title"] for field in fields)
    required = [f["name"] for f in fields if f.get("constraints", {}).get("required")]
    assert sorted(required) == sorted(REQUIRED)
    private = {field["name"] for field in fields if field.get("private")}
    assert private == {name for name, field in FIELDS.items() if field.private}
    types = {FIELDS[field["name"]].kind: field["type"] for field in fields}
    assert types == export.TYPES


def test_the_page_of_fields_names_every_field() -> None:
    page = exported("claim_line.md")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(FIELDS)
    assert all(
        f"| `{name}` | {field.title} | {field.kind} |" in page for name, field in FIELDS.items()
    )


ALPHABET = st.sampled_from("019AZaz.- \n١Ａ")


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_patterns_mean_what_the_masks_mean(shape: str, data: st.DataObject) -> None:
    near = st.from_regex(rf"\A(?:{export.pattern(shape)})\Z")
    cell = data.draw(near | st.text(ALPHABET, max_size=12))
    cells = pl.DataFrame({"cell": [cell]})
    good = cells.select(SHAPES[shape](pl.col("cell"))).item()
    fits = re.fullmatch(export.pattern(shape), cell) is not None
    if shape == "npi" and fits:
        fits = cells.select(npi_check_digit(pl.col("cell"))).item()
    assert good == fits
