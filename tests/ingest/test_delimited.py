"""Text files to frames: every cell as it stood, every record accounted for."""

from __future__ import annotations

import gzip
import json
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claim_audit.errors import ClaimAuditError, InternalError
from claim_audit.ingest import REJECTS, delimited, read
from claim_audit.ingest.delimited import Landed
from claim_audit.ingest.probe import examine
from claim_audit.ingest.sources import Source

HEADER = "claim_id,hcpcs,units\n"


def land(folder: Path, content: bytes | str, block: int = 1 << 24, **declared: str) -> Landed:
    path = folder / "claims.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = Source(1, path, path.name)
    with mock.patch.object(delimited, "BLOCK_BYTES", block):
        landed = delimited.land(source, examine(source, **declared), folder)
    landed.accounting.check(source.name)
    return landed


def rows(landed: Landed) -> list[tuple[object, ...]]:
    return landed.raw.collect().rows()


def test_cells_stay_the_text_they_were(tmp_path: Path) -> None:
    landed = land(tmp_path, HEADER + '007," A4231 ",1e3\n,"",\n"a""b\r\nc", ,NULL\n')
    frame = landed.raw.collect()
    assert frame.schema == {
        "source_row": pl.UInt32,
        "claim_id": pl.String,
        "hcpcs": pl.String,
        "units": pl.String,
    }
    assert frame.rows() == [
        (1, "007", " A4231 ", "1e3"),
        (2, None, None, None),
        (3, 'a"b\r\nc', " ", "NULL"),
    ]
    assert landed.schema == dict.fromkeys(("claim_id", "hcpcs", "units"), pl.String())


def test_a_header_alone_is_an_extract_of_nothing(tmp_path: Path) -> None:
    for text in (HEADER, HEADER.strip(), HEADER + "\n \n"):
        landed = land(tmp_path, text)
        assert landed.raw.collect().shape == (0, 4)
        assert landed.accounting.records == 0


def test_source_rows_count_rejects_and_leave_out_blank_lines(tmp_path: Path) -> None:
    landed = land(tmp_path, HEADER + "1,a,b\n\n2,a\n3,a,b\n", block=7)
    assert rows(landed) == [(1, "1", "a", "b"), (3, "3", "a", "b")]
    assert landed.rejects.rows() == [("claims.csv", 4, "too few fields", 3, 2, "2,a")]
    account = landed.accounting
    assert (account.physical_lines, account.blank_lines, account.rejects) == (5, 1, 1)


def test_repeated_headers_keep_their_columns(tmp_path: Path) -> None:
    landed = land(tmp_path, "id,units,units\n1,2,3\n")
    assert landed.raw.collect().to_dicts() == [
        {"source_row": 1, "id": "1", "units": "2", "units_2": "3"}
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("block", [5, 1 << 20])
def test_encodings(tmp_path: Path, encoding: str, block: int) -> None:
    text = HEADER + "1,Zürich,3\n" * 10 + '2,"É\nÉ",4\n'
    landed = land(tmp_path, text.encode(encoding), block)
    assert rows(landed)[0] == (1, "1", "Zürich", "3")
    assert rows(landed)[-1] == (11, "2", "É\nÉ", "4")
    assert landed.accounting.physical_lines == 13
    assert landed.encoding == encoding.removesuffix("-sig")


def test_cp1252_far_behind_the_sample(tmp_path: Path) -> None:
    text = HEADER.encode() + b"1,a,b\n" * 100_000 + b"2,caf\xe9 \x80,b\n"
    landed = land(tmp_path, text, block=1 << 17)
    assert landed.encoding == "cp1252"
    assert rows(landed)[-1] == (100_001, "2", "café €", "b")
    assert landed.rejects.is_empty()


def test_damaged_utf8_far_behind_the_sample(tmp_path: Path) -> None:
    text = HEADER.encode() + b"1,a,b\n" * 100_000 + b"2,\xe9,b\n" + "3,é,b\n".encode()
    landed = land(tmp_path, text, block=1 << 17)
    assert landed.encoding == "utf-8"
    assert rows(landed)[-1] == (100_002, "3", "é", "b")
    assert landed.rejects["reason"].to_list() == ["bytes that are not UTF-8"]


def test_a_byte_that_a_declared_encoding_lacks(tmp_path: Path) -> None:
    landed = land(tmp_path, HEADER.encode() + b"1,\xe9,b\n2,\x81,b\n", encoding="cp1252")
    assert rows(landed) == [(1, "1", "é", "b")]
    assert landed.rejects["reason"].to_list() == ["bytes that are not CP1252"]


def test_old_line_ends(tmp_path: Path) -> None:
    landed = land(tmp_path, HEADER.replace("\n", "\r") + "1,a,b\r\r2,a,b")
    assert rows(landed) == [(1, "1", "a", "b"), (2, "2", "a", "b")]
    assert landed.accounting.physical_lines == 4


def test_a_record_longer_than_a_parser_block(tmp_path: Path) -> None:
    long = "x" * (5 << 20)
    landed = land(tmp_path, HEADER + f"1,a,b\n2,{long},b\n3,a,b\n", block=1 << 19)
    assert landed.raw.collect()["hcpcs"].to_list() == ["a", long, "a"]


@pytest.mark.parametrize("content", ["\r", "\r\n"])
def test_line_ends_in_cells_across_parser_blocks(tmp_path: Path, content: str) -> None:
    landed = land(tmp_path, HEADER + f'1,"a{content}{"b" * 50}",c\n' * 40_000)
    frame = landed.raw.collect()
    assert frame.height == 40_000
    assert frame["hcpcs"].unique().to_list() == [f"a{content}{'b' * 50}"]


def test_the_landed_file_is_its_owners_alone(tmp_path: Path) -> None:
    land(tmp_path, HEADER)
    assert stat.S_IMODE((tmp_path / "00001.parquet").stat().st_mode) == 0o600


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + "1,a,b\n")
    source = Source(1, path, path.name)
    seen: list[tuple[str, int, int]] = []
    delimited.land(source, examine(source), tmp_path, lambda *told: seen.append(told))
    assert seen[-1] == ("claims.csv", path.stat().st_size, path.stat().st_size)


def test_a_cut_off_gzip_leaves_nothing(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{hash((n, 1))},{n * n},{n}\n" for n in range(100_000))
    with pytest.raises(ClaimAuditError, match=r"claims\.csv: .* cut off after [0-9]+ bytes"):
        land(tmp_path, gzip.compress(text.encode())[:-1000])
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv"]


def test_no_room_for_the_working_copy(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + "1,a,b\n")
    source = Source(1, path, path.name)
    with pytest.raises(ClaimAuditError, match="cannot write the working copy") as caught:
        delimited.land(source, examine(source), tmp_path / "gone")
    assert caught.value.exit_code == 2


def test_a_parser_that_sees_other_records_is_our_fault(tmp_path: Path) -> None:
    whole = pacsv.read_csv

    def short(*args: object, **options: object) -> pa.Table:
        return whole(*args, **options).slice(1)

    with (
        mock.patch.object(pacsv, "read_csv", short),
        pytest.raises(InternalError, match="found 1 records where the structure pass counted 2"),
    ):
        land(tmp_path, HEADER + "1,secret,b\n2,a,b\n")
    assert not (tmp_path / "00001.parquet").exists()


def test_a_malformed_record_is_not_quoted_in_the_error(tmp_path: Path) -> None:
    def confused(*_: object, **__: object) -> pa.Table:
        raise pa.ArrowInvalid("CSV parse error: secret")

    with (
        mock.patch.object(pacsv, "read_csv", confused),
        pytest.raises(InternalError) as caught,
    ):
        land(tmp_path, HEADER + "1,secret,b\n")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


# Properties

FIRST = "aé0"
LATER = "aé0 ,;|\t\"'\n\r\u2028"


@dataclass(frozen=True)
class Table:
    """Records as cells and as they may be written."""

    delimiter: str
    header: tuple[str, ...]
    cells: list[tuple[str, ...]]
    written: list[str]


@st.composite
def tables(draw: st.DrawFn, cell: st.SearchStrategy[str], most: int = 5) -> Table:
    delimiter = draw(st.sampled_from(",\t|;~"))
    width = draw(st.integers(1, most))
    cells = draw(st.lists(st.tuples(*[cell] * width), max_size=12))

    def write(value: str) -> str:
        must = set(value) & {delimiter, '"', "\n", "\r"} or (width == 1 and not value.strip())
        if must or draw(st.booleans()):
            return '"' + value.replace('"', '""') + '"'
        return value

    written = [
        delimiter.join(map(write, record)) + draw(st.sampled_from(["\n", "\r\n"]))
        for record in cells
    ]
    return Table(delimiter, tuple(f"c{n}" for n in range(width)), cells, written)


ANY_CELL = st.text(st.sampled_from(FIRST + LATER), max_size=8)
PLAIN_START = st.one_of(
    st.just("0"),
    st.tuples(st.sampled_from(FIRST), st.text(st.sampled_from(LATER), max_size=6)).map("".join),
)


def landed_cells(table: Table, written: list[str], block: int) -> tuple[Landed, list[object]]:
    text = table.delimiter.join(table.header) + "\n" + "".join(written)
    with tempfile.TemporaryDirectory() as folder:
        landed = land(
            Path(folder), text, block, delimiter=table.delimiter, quote='"', encoding="utf-8"
        )
        return landed, landed.raw.collect().rows()


@settings(max_examples=200, deadline=None)
@given(table=tables(ANY_CELL), block=st.integers(1, 64))
def test_valid_tables_come_back_cell_for_cell(table: Table, block: int) -> None:
    landed, found = landed_cells(table, table.written, block)
    assert found == [
        (number, *(cell or None for cell in record))
        for number, record in enumerate(table.cells, start=1)
    ]
    assert landed.rejects.is_empty()


BROKEN = {
    "few": lambda d, w: d.join(["x"] * (w - 1)),
    "many": lambda d, w: d.join(["x"] * (w + 1)),
    "stray quote": lambda d, w: d.join(["x"] * (w - 1) + ['"x']),
    "late quote": lambda d, w: d.join(['"x"x'] * w),
    "stray and few": lambda d, w: '"x' + d,
    "NUL": lambda d, w: d.join(["\0"] * w),
}


@settings(max_examples=200, deadline=None)
@given(
    table=tables(PLAIN_START).filter(lambda table: len(table.header) > 1),
    kind=st.sampled_from(sorted(BROKEN)),
    place=st.integers(0, 12),
    block=st.integers(1, 64),
)
def test_a_broken_record_changes_no_other(table: Table, kind: str, place: int, block: int) -> None:
    at = min(place, len(table.written))
    broken = BROKEN[kind](table.delimiter, len(table.header))
    written = [*table.written[:at], broken + "\n", *table.written[at:]]
    landed, found = landed_cells(table, written, block)
    assert [cells[1:] for cells in found] == table.cells
    assert [cells[0] for cells in found] == [
        number for number in range(1, len(written) + 1) if number != at + 1
    ]
    assert landed.rejects["raw"].to_list() == [broken]
    assert landed.rejects["line_number"].to_list() == [2 + "".join(table.written[:at]).count("\n")]


# Traps of the libraries below, on files like those that sprang them


def test_trap_01_projected_csv_scan_loses_rows(tmp_path: Path) -> None:
    """A projected or counted scan of a CSV with stray quotes returns fewer rows, silently."""
    records = [
        f'{n},5" tube,1\n' if n % 3 == 0 else f'{n},"long, tube",1\n' for n in range(1, 2001)
    ]
    records[700] = '701,"open,1\n'
    landed = land(tmp_path, HEADER + "".join(records))
    expected = [str(n) for n in range(1, 2001) if n != 701]
    assert landed.raw.collect()["claim_id"].to_list() == expected
    for lazy in (landed.raw.select("claim_id"), landed.raw.filter(pl.col("units") == "1")):
        assert lazy.collect(engine="streaming").height == len(expected)
    assert landed.raw.select(pl.len()).collect().item() == len(expected)
    assert landed.rejects["line_number"].to_list() == [702]


def test_trap_02_short_rows_and_trailers(tmp_path: Path) -> None:
    """Polars pads short rows with nulls and takes blank lines and trailers for rows."""
    text = HEADER + "1,a,b\n2,a\n\n3,a,b\nTRAILER 3\n"
    landed = land(tmp_path, text)
    assert landed.raw.collect()["claim_id"].to_list() == ["1", "3"]
    assert landed.rejects.select("line_number", "found_fields", "raw").rows() == [
        (3, 2, "2,a"),
        (6, 1, "TRAILER 3"),
    ]
    assert pl.read_csv(text.encode(), truncate_ragged_lines=True).height > 2


def test_trap_03_arrow_stream_feeds_one_consumer(tmp_path: Path) -> None:
    """A frame over an Arrow stream gives its rows once; a landed one gives them to everybody."""
    landed = land(tmp_path, HEADER + "1,a,b\n" * 50_000, block=1 << 16)
    one, two = pl.collect_all([landed.raw.select("claim_id"), landed.raw.select("units")])
    assert one.height == two.height == landed.raw.collect().height == 50_000


# The whole of reading


@dataclass(frozen=True)
class Anything:
    """A layout that every header fits."""

    quote: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Fits:
    """A match of it."""

    layout: Anything
    columns: tuple[str, ...]

    def headers(self) -> set[str]:
        return set(self.columns)


def fit(_: str, header: tuple[str, ...]) -> Fits:
    return Fits(Anything(), header)


def test_several_files_are_one_extract(tmp_path: Path) -> None:
    folder, work = tmp_path / "in", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    (folder / "b.csv").write_text(HEADER + "1,a,b\n2,b\n")
    (folder / "a.psv.gz").write_bytes(gzip.compress(b"x|y\n1|2\n"))
    pl.DataFrame({"id": [1, 2]}).write_parquet(folder / "c.parquet")
    (folder / "notes.md").write_text("")
    extract = read([folder], work=work, match=fit)  # type: ignore[arg-type]
    assert [
        (f.number, f.name, f.format, f.compression, f.delimiter, f.header, f.accounting.records)
        for f in extract.files
    ] == [
        (1, "a.psv.gz", "csv", "gzip", "|", ("x", "y"), 1),
        (2, "b.csv", "csv", None, ",", ("claim_id", "hcpcs", "units"), 2),
        (3, "c.parquet", "parquet", None, None, ("id",), 2),
    ]
    assert [f.raw.collect().height for f in extract.files] == [1, 1, 2]
    assert extract.rejects.rows() == [("b.csv", 3, "too few fields", 3, 2, "2,b")]
    assert extract.rejects.schema == REJECTS
    assert extract.skipped == ("notes.md: not a data file, by its ending",)
    assert json.dumps([f.sha256 for f in extract.files])


def test_every_header_meets_its_layout_before_any_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "1,a,b\n")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")

    def choosy(name: str, header: tuple[str, ...]) -> Fits:
        if "claim_id" not in header:
            raise ClaimAuditError("no layout fits", where=name)
        return fit(name, header)

    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(ClaimAuditError, match=r"b\.csv: no layout fits"):
        read([tmp_path / "a.csv", tmp_path / "b.csv"], work=work, match=choosy)  # type: ignore[arg-type]
    assert list(work.iterdir()) == []


def test_a_layout_may_say_how_its_files_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER.encode() + b'1,"a,\xe1\n')

    def latin(_: str, header: tuple[str, ...]) -> Fits:
        return Fits(Anything(quote="", encoding="cp1250"), header)

    (file,) = read([path], work=tmp_path, match=latin).files  # type: ignore[arg-type]
    assert file.raw.collect().rows() == [(1, "1", '"a', "á")]
    assert file.encoding == "cp1250"
    (file,) = read([path], work=tmp_path, match=latin, encoding="cp1251").files  # type: ignore[arg-type]
    assert file.raw.collect()["units"].to_list() == ["б"]


def test_a_mapped_column_that_stands_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,units,units\n1,2,3\n")
    with pytest.raises(ClaimAuditError, match="more than one column 'units'"):
        read([path], work=tmp_path, match=fit)  # type: ignore[arg-type]
    extract = read([path], work=tmp_path, match=lambda *_: Fits(Anything(), ("id",)))  # type: ignore[arg-type, return-value]
    assert extract.files[0].header == ("id", "units", "units_2")
