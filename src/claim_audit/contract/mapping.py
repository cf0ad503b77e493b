"""From a file's own columns to the contract's field names; the cells stay as they came.

One record becomes one line, or several where the layout is wide. Every line gets its identity,
`line_id`: file number, record number and part, packed into one unsigned 64-bit integer so that
sorting by it is sorting by (file, record, part).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl

from claim_audit import errors
from claim_audit.contract.claim_line import FIELDS

if TYPE_CHECKING:
    from claim_audit.ingest import SourceFile
    from claim_audit.ingest.layouts import LayoutMatch

FILE_SHIFT, RECORD_SHIFT = 48, 8
IDENTITY = ("source_row", "line_id")
"""Columns of a line beside its fields. A filter by `source_row` reaches the scan of the file."""


def line_id(file_number: int, part: int) -> pl.Expr:
    """The identity of a line: ``file << 48 | record << 8 | part`` (UInt64)."""
    record = pl.col("source_row").cast(pl.UInt64) * (1 << RECORD_SHIFT)
    return (record + pl.lit((file_number << FILE_SHIFT) + part, pl.UInt64)).alias("line_id")


def file_number(line: pl.Expr) -> pl.Expr:
    """The file number of a `line_id`."""
    return (line // (1 << FILE_SHIFT)).cast(pl.UInt32)


def record_number(line: pl.Expr) -> pl.Expr:
    """The 1-based record number of a `line_id`."""
    return (line // (1 << RECORD_SHIFT) % (1 << (FILE_SHIFT - RECORD_SHIFT))).cast(pl.UInt32)


def mapped_fields(match: LayoutMatch) -> frozenset[str]:
    """The fields that have a column, a constant or another source in this file."""
    wide = reduce(frozenset.union, map(frozenset, match.repeat.values()), frozenset[str]())
    joined = {"modifier_1"} if match.joined_modifiers else set()
    numbered = {"claim_line_number"} if match.repeat else set()
    own = FIELDS.keys() & _own_columns(match)
    return frozenset({*own, *match.layout.constants, *wide, *joined, *numbered})


def _in_kind(file: SourceFile, field: str, header: str) -> pl.Expr:
    """The column as text where its field is text, else as it came."""
    cell, dtype = pl.col(header), file.schema[header]
    if field in FIELDS and FIELDS[field].kind not in {"text", "code"}:
        return cell
    if dtype == pl.String:
        return cell
    if dtype.is_float():
        whole = cell.cast(pl.Int64, strict=False)
        return pl.when(whole == cell).then(whole.cast(pl.String)).otherwise(cell.cast(pl.String))
    if dtype.is_numeric() or dtype.is_temporal() or dtype in {pl.Null, pl.Categorical, pl.Enum}:
        return cell.cast(pl.String)
    raise errors.unreadable_type(file.name, header, str(dtype), "text")


def _own_columns(match: LayoutMatch) -> dict[str, str]:
    """The columns that every line of a record has, by what they hold."""
    elsewhere = {
        "modifiers__joined": match.joined_modifiers,
        "claim_frequency_code": match.adjustment_column,
        "cross_reference_claim_id": match.adjustment_reference,
    }
    return {
        **match.columns,
        **{f"{field}__fallback": header for field, header in match.fallback.items()},
        **{name: header for name, header in elsewhere.items() if header},
    }


def read_columns(match: LayoutMatch) -> frozenset[str]:
    """The columns of a file that `mapped_lines` reads."""
    slots = (header for part in match.repeat.values() for header in part.values())
    return frozenset({"source_row", *_own_columns(match).values(), *slots})


def mapped_lines(file: SourceFile) -> pl.LazyFrame:
    """The lines of a file under the contract's names, cells untouched.

    Columns: `source_row` (UInt32), `line_id` (UInt64), the mapped fields (text and codes as
    String, dates and numbers in the file's own type), and for what is not yet a field
    `modifiers__joined` and `<field>__fallback`.

    Raises:
        ClaimAuditError: a mapped column has a type that cannot hold text.
    """
    match = file.match
    own = _own_columns(match)

    def part(number: int, slots: Mapping[str, str]) -> pl.LazyFrame:
        columns = [
            _in_kind(file, field, header).alias(field) for field, header in {**own, **slots}.items()
        ]
        return file.raw.select("source_row", line_id(file.number, number), *columns)

    if not match.repeat:
        return part(0, {})
    numbered = "claim_line_number" in own
    return pl.concat(
        (
            part(number, slots)
            .filter(pl.col("hcpcs_code").str.strip_chars().fill_null("") != "")
            .with_columns([] if numbered else [pl.lit(number).alias("claim_line_number")])
            for number, slots in match.repeat.items()
            if "hcpcs_code" in slots
        ),
        how="diagonal",
    )
