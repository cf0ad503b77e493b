"""The tables of a run as files: Parquet for programs, CSV for people and spreadsheets.

The bytes depend on the rows alone: row groups are cut by their number, whatever the chunks of the
table, and nothing of the machine, the time or the number of threads goes into a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

import polars as pl

from claim_audit.ingest.sources import OWN_TABLE_KEY

ROW_GROUP: Final = 131_072
PAGE_BYTES: Final = 1 << 30
"""More than any row group has, so that it is one page: where Polars cuts pages depends on how texts
lie in memory, not on the texts alone."""
ZSTD_LEVEL: Final = 3
CSV_ROWS: Final = 500_000
"""Rows made inert at a time."""

FORMULA: Final = r"\A(?:[\t\r\n]|[\s\p{C}]*[=+\-@＝＋－＠])"
"""A cell that a spreadsheet might take for a formula: one that begins with such a sign, in either
width, also behind blanks and characters that are not seen, or with a tab or line end."""


def parquet(table: pl.DataFrame, name: str, file: BinaryIO) -> None:
    """Write Parquet: zstd, row groups of 131,072 rows, statistics, the table's name in the footer.

    The name stands under the key ``claim_audit.table``; ingest knows its own tables by it.
    """
    table.write_parquet(
        file,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        statistics=True,
        row_group_size=ROW_GROUP,
        data_page_size=PAGE_BYTES,
        metadata={OWN_TABLE_KEY.decode(): name},
    )


def csv(table: pl.DataFrame, _name: str, file: BinaryIO) -> None:
    """Write CSV after RFC 4180, in UTF-8, with every text cell inert.

    Dates are ISO, numbers plain, a null is an empty field and an empty text ``""``. A text cell
    that a spreadsheet might run gets an apostrophe in front; the Parquet file has it as it is.
    """
    _csv(table.head(0), file, header=True)
    for part in table.iter_slices(CSV_ROWS):
        _csv(inert(part), file, header=False)


def inert(table: pl.DataFrame) -> pl.DataFrame:
    """The table with an apostrophe before every text that begins like a formula."""
    found = table.select(pl.col(pl.String).str.contains(FORMULA).any())
    live = [column.name for column in found if column.any()]
    return table.with_columns(pl.col(live).str.replace(FORMULA, "'${0}"))


def _csv(table: pl.DataFrame, file: BinaryIO, *, header: bool) -> None:
    table.write_csv(file, include_header=header, line_terminator="\r\n", float_scientific=False)


WRITERS: Final[Mapping[str, Callable[[pl.DataFrame, str, BinaryIO], None]]] = {
    "parquet": parquet,
    "csv": csv,
}
"""By format (and file ending)."""
