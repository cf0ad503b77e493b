"""How a reference table must look, and reading a file into a frame that looks so.

Cells are shaped text first and values second: a date such as `2024-02-31` or a number such as
`1e3` is an error that names the column and the records, never a null or a rounded value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from claim_audit import errors

if TYPE_CHECKING:
    import pyarrow.csv as pacsv

Kind = Literal["text", "date", "integer", "decimal", "flag", "words"]

PLACE = "place"
"""Column that says where a row comes from (`file record n`) while a table is put together."""

CONFIDENCE = frozenset({"verified", "inference", "memory", "secondary", "unpublished"})

_SHAPES: dict[Kind, tuple[str, str]] = {
    "date": (r"\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})\z", "dates as YYYY-MM-DD or YYYYMMDD"),
    "integer": (r"\A-?[0-9]{1,9}(?:\.0+)?\z", "whole numbers"),
    "decimal": (r"\A-?[0-9]{1,12}(?:\.[0-9]{1,2}0*)?\z", "numbers of at most two decimal places"),
    "flag": (r"\A(?:Y|N|true|false)\z", "Y or N"),
}
_FLAGS = {"Y": True, "true": True, "N": False, "false": False}


def _typed(text: pl.Expr, kind: Kind) -> pl.Expr:
    match kind:
        case "date":
            return text.str.replace_all("-", "").str.to_date("%Y%m%d", strict=False)
        case "integer":
            return text.str.replace(r"\.0+\z", "").cast(pl.Int32, strict=False)
        case "decimal":
            return text.cast(pl.Decimal(16, 2), strict=False)
        case "flag":
            return text.replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean)
        case "words":
            return text.fill_null("").str.extract_all(r"\S+")
        case "text":
            return text


@dataclass(frozen=True)
class Column:
    """A column of a reference table.

    `pattern` and `values` bind the cell, or each word of a cell that holds several. Blank cells
    are null (an empty list for words), or an error where the column must be `filled`.
    """

    kind: Kind = "text"
    pattern: str | None = None
    values: frozenset[str] = frozenset()
    filled: bool = False


@dataclass(frozen=True)
class Condition:
    """Where column `when` is one of `equals`, `column` is filled, with one of `values` if any."""

    when: str
    equals: frozenset[str]
    column: str
    values: frozenset[str] = frozenset()

    def broken(self) -> pl.Expr:
        """Boolean: the row is one that this condition speaks of, and does not keep to it."""
        cell = pl.col(self.column)
        kept = cell.is_in(list(self.values)) if self.values else cell.is_not_null()
        return pl.col(self.when).is_in(list(self.equals)) & ~kept.fill_null(False)


@dataclass(frozen=True)
class TableSpec:
    """What a reference table is.

    `keys` name the entry, `start` and `end` its interval (both days inside, null = open).
    `contiguous`: the intervals of a key may not leave a hole. `complete` and
    `complete_when_loaded`: absence from the package's slice, or from a table the user loads,
    means that there is no such thing; it holds for the `scope` values and dates of the releases
    the table has, and nowhere else.
    """

    name: str
    columns: Mapping[str, Column]
    keys: tuple[str, ...]
    start: str = "valid_from"
    end: str = "valid_to"
    contiguous: bool = False
    complete: bool = False
    complete_when_loaded: bool = False
    scope: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def read(self, path: Path) -> pl.DataFrame:
        """The rows of a CSV or Parquet file, checked, as the columns of this table and `place`.

        Raises `ClaimAuditError` for a file that cannot be read, that lacks a column, or that has
        a cell of the wrong shape, outside its vocabulary or blank where it must be filled.
        """
        where = f"reference table {self.name}"
        raw = read_text(path, where)
        missing = [name for name in self.columns if name not in raw.columns]
        if missing:
            raise errors.reference_columns_missing(where, path.name, missing, raw.columns)
        if raw.is_empty():
            raise errors.reference_table_empty(where, path.name)
        record = pl.int_range(1, pl.len() + 1).cast(pl.String)
        text = raw.select(
            *self.columns, pl.concat_str(pl.lit(f"{path.name} record "), record).alias(PLACE)
        )
        typed = text.with_columns(
            _typed(pl.col(name), column.kind).alias(name) for name, column in self.columns.items()
        )
        self._check_cells(where, text, typed)
        return typed

    def _check_cells(self, where: str, text: pl.DataFrame, typed: pl.DataFrame) -> None:
        for name, column in self.columns.items():
            cell = pl.col(name)
            if column.kind in _SHAPES:
                shape, meant = _SHAPES[column.kind]
                shaped = text.select(cell.is_null() | cell.str.contains(shape)).to_series()
                read = text[name].is_null() | typed[name].is_not_null()
                if unread := places(text, ~(shaped & read)):
                    raise errors.reference_cells_unreadable(where, name, unread, meant)
            if column.filled and (blank := places(text, text[name].is_null())):
                raise errors.reference_cells_blank(where, name, blank)
            words = typed if column.kind == "words" else text.with_columns(pl.concat_list(cell))
            if column.pattern and (odd := places(text, _any(words[name], ~_like(column.pattern)))):
                raise errors.reference_cells_misshapen(where, name, odd, column.pattern)
            if column.values and (odd := places(text, _any(words[name], ~_among(column.values)))):
                raise errors.reference_words_unknown(where, name, odd, sorted(column.values))
        for rule in self.conditions:
            if broken := places(typed, typed.select(rule.broken()).to_series()):
                raise errors.reference_condition_broken(
                    where, rule.column, rule.when, broken, sorted(rule.values)
                )


def places(frame: pl.DataFrame, mask: pl.Series) -> list[str]:
    """Where the rows of `frame` that `mask` picks come from."""
    return frame.filter(mask)[PLACE].to_list()


def _any(words: pl.Series, broken: pl.Expr) -> pl.Series:
    return words.list.eval(broken).list.any().fill_null(False)


def _like(pattern: str) -> pl.Expr:
    return pl.element().str.contains(pattern)


def _among(values: Iterable[str]) -> pl.Expr:
    return pl.element().is_in(list(values))


def read_text(path: Path, where: str) -> pl.DataFrame:
    """A CSV (UTF-8, comma) or Parquet file as trimmed text, blank cells null.

    Raises `ClaimAuditError` for a file that is missing, is not what its name says, or has records
    with more or fewer fields than its header.
    """
    try:
        raw = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path, where)
    except OSError as cause:
        why = cause.strerror or type(cause).__name__
        raise errors.reference_unreadable(where, path.name, why) from None
    except (ValueError, pl.exceptions.PolarsError):
        raise errors.reference_unreadable(where, path.name, "damaged or of another kind") from None
    return raw.select(pl.all().str.strip_chars()).select(
        pl.when(pl.all() != "").then(pl.all()).name.keep()
    )


def _parquet(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    days = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(pl.col(days).dt.date()).cast(pl.String)


def _csv(path: Path, where: str) -> pl.DataFrame:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv as pacsv  # noqa: PLC0415

    broken: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        broken.append(row.number)
        return "skip"

    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    table = pacsv.read_csv(
        path,
        read_options=pacsv.ReadOptions(use_threads=False),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    if broken:
        raise errors.reference_records_broken(where, path.name, broken)
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
