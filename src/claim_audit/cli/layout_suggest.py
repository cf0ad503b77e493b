"""`claim-audit layout suggest FILE`: a layout to start from."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from claim_audit.ingest.parquet import Opened
    from claim_audit.ingest.probe import Dialect
    from claim_audit.ingest.sources import Source

RECORDS = 1000
"""Records whose dates decide the date formats."""

Header = Sequence[str]
Cells = Mapping[str, Sequence[str]]


def suggest(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A claim file with a header.")],
    delimiter: Annotated[
        str | None, typer.Option(help="Character between fields, or 'tab'. (default: detected)")
    ] = None,
    quote: Annotated[
        str | None, typer.Option(help="Quoting character, '' for none. (default: detected)")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the text. (default: detected)")
    ] = None,
) -> None:
    """Draft a layout for a file and print it as TOML; no cell of the file is printed."""
    import tempfile
    from pathlib import Path

    from claim_audit import errors
    from claim_audit.ingest import parquet
    from claim_audit.ingest.layouts import builtin
    from claim_audit.ingest.layouts import suggest as draft
    from claim_audit.ingest.probe import examine
    from claim_audit.ingest.sources import discover, sniff

    sources = discover([file]).sources
    if len(sources) > 1:
        raise errors.one_file_wanted(file)
    source = sources[0]
    form, _ = sniff(source)
    with tempfile.TemporaryDirectory(prefix="claim-audit-") as work:
        if form == "parquet":
            header, sample = _of_parquet(parquet.open(source, Path(work)))
        else:
            dialect = examine(source, delimiter=delimiter, quote=quote, encoding=encoding)
            header, sample = dialect.header, _of_text(source, dialect)
    sys.stdout.write(draft(header, builtin(), sample))


def _of_parquet(opened: Opened) -> tuple[Header, Cells]:
    import polars as pl

    text = [name for name, dtype in opened.schema.items() if dtype == pl.String]
    cells = opened.raw.select(text).head(RECORDS).collect()
    return opened.header, {name: cells[name].drop_nulls().to_list() for name in text}


def _of_text(source: Source, dialect: Dialect) -> Cells:
    import csv
    import io
    from contextlib import suppress
    from itertools import islice

    from claim_audit.ingest.probe import SAMPLE_BYTES, transcoder
    from claim_audit.ingest.sources import StoredBytes

    with StoredBytes(source) as stored:
        start = stored.read(SAMPLE_BYTES)
        whole = not stored.read(1)
    text = transcoder(source, dialect.encoding)(start, whole)[dialect.head :]
    lines = io.StringIO(text.decode("utf-8", "replace"), newline="").readlines()
    complete = lines if whole else lines[:-1]
    records = csv.reader(
        complete,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(row for row in islice(records, RECORDS) if len(row) == len(dialect.header))
    columns = zip(*rows, strict=True) if rows else ([] for _ in dialect.header)
    return dict(zip(dialect.header, map(list, columns), strict=True))
