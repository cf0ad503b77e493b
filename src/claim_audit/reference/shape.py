"""How a reference table must look, and reading a file into a frame that looks so.

Cells are shaped text first and values second: a date such as `2024-02-31` or a number such as
`1e3` is an error that names the column and the records, never a null or a rounded value.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
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

_AS_TEXT = "{} as text"
"""Column with the text that a typed column was read from."""

Fault = tuple[pl.Expr, Callable[[list[str]], errors.ClaimAuditError]]
"""Which rows have it (Boolean), and the error that names their places."""


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

    def faults(self, where: str, name: str) -> Iterator[Fault]:
        """What can be wrong with the cells of the column of that name."""
        text, typed = pl.col(_AS_TEXT.format(name)), pl.col(name)
        if self.kind in _SHAPES:
            shape, meant = _SHAPES[self.kind]
            yield (
                text.is_not_null() & (~text.str.contains(shape) | typed.is_null()),
                partial(errors.reference_cells_unreadable, where, name, expected=meant),
            )
        if self.filled:
            yield text.is_null(), partial(errors.reference_cells_blank, where, name)
        word = pl.element() if self.kind == "words" else text
        if self.pattern:
            yield (
                self._any(~word.str.contains(self.pattern), name),
                partial(errors.reference_cells_misshapen, where, name, pattern=self.pattern),
            )
        if self.values:
            yield (
                self._any(~word.is_in(list(self.values)), name),
                partial(errors.reference_words_unknown, where, name, known=sorted(self.values)),
            )

    def _any(self, odd: pl.Expr, name: str) -> pl.Expr:
        return pl.col(name).list.eval(odd).list.any() if self.kind == "words" else odd


@dataclass(frozen=True)
class Condition:
    """Where column `when` is one of `equals`, `column` is filled, with one of `values` if any."""

    when: str
    equals: frozenset[str]
    column: str
    values: frozenset[str] = frozenset()

    def fault(self, where: str) -> Fault:
        """A row that this condition speaks of, and that does not keep to it."""
        cell = pl.col(self.column)
        kept = cell.is_in(list(self.values)) if self.values else cell.is_not_null()
        return pl.col(self.when).is_in(list(self.equals)) & ~kept.fill_null(False), partial(
            errors.reference_condition_broken,
            where,
            self.column,
            self.when,
            known=sorted(self.values),
        )


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
        rows = raw.select(
            *(
                _typed(pl.col(name), column.kind).alias(name)
                for name, column in self.columns.items()
            ),
            *(pl.col(name).alias(_AS_TEXT.format(name)) for name in self.columns),
            pl.concat_str(pl.lit(f"{path.name} record "), record).alias(PLACE),
        )
        require(
            rows,
            [
                *(fault for name, c in self.columns.items() for fault in c.faults(where, name)),
                *(condition.fault(where) for condition in self.conditions),
            ],
        )
        return rows.select(*self.columns, PLACE)


def require(rows: pl.DataFrame, faults: Iterable[Fault]) -> None:
    """Raise the error of the first fault that rows have; all are looked for in one pass."""
    listed = list(faults)
    found = rows.select(fault.alias(str(number)) for number, (fault, _) in enumerate(listed))
    for column, (_, error) in zip(found, listed, strict=True):
        if column.any():
            raise error(rows.filter(column)[PLACE].to_list())


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
    trimmed = pl.all().str.strip_chars()
    return raw.select(pl.when(trimmed != "").then(trimmed).name.keep())


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
