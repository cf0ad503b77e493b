"""What the head of a text file tells."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import pytest

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest.probe import SAMPLE_BYTES, Dialect, examine, survey
from claim_audit.ingest.sources import Source

gzipped = partial(gzip.compress, mtime=0)


def source(folder: Path, content: bytes) -> Source:
    path = folder / "claims.txt"
    path.write_bytes(content)
    return Source(1, path, path.name)


def look(folder: Path, content: bytes | str, **declared: str) -> Dialect:
    raw = content.encode() if isinstance(content, str) else content
    return examine(source(folder, raw), **declared)


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";", "~"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "claim_id,payer name,units\n1,Acme; Health,2\n".replace(",", delimiter)
    dialect = look(tmp_path, text)
    assert dialect.delimiter == delimiter
    assert dialect.header == ("claim_id", "payer name", "units")


def test_delimiters_in_quotes_do_not_count(tmp_path: Path) -> None:
    text = '"Name, of, the, payer";units\n"a,b";1\n"a,b";2\n'
    assert look(tmp_path, text).header == ("Name, of, the, payer", "units")


def test_ragged_lines_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    text = "a|b|c,d\n" + "1|2\n1|2|3|4\n1|2|3\n"
    assert look(tmp_path, text).delimiter == "|"


def test_a_cell_full_of_another_delimiter_does_not_win(tmp_path: Path) -> None:
    assert look(tmp_path, "id,codes\n1,a;b;c;d\n2,e;f;g;h\n").delimiter == ","


def test_header_cells_are_bare_and_distinct(tmp_path: Path) -> None:
    text = "\ufeff \"Claim ID\" , units,Units,units,,  source_row ,units_2,'x'\n"
    dialect = look(tmp_path, text)
    assert dialect.header == (
        *("Claim ID", "units", "Units", "units_3", "column_5", "source_row_2", "units_2", "x"),
    )
    assert dialect.ambiguous == ("units",)


def test_a_header_over_several_lines_after_blank_ones(tmp_path: Path) -> None:
    text = '\n  \r\na,"b\nc",d\r\n1,2,3\n'
    dialect = look(tmp_path, text)
    assert dialect.header == ("a", "b c", "d")
    assert (dialect.blank_lines, dialect.header_lines) == (2, 2)
    assert text.encode()[dialect.head :] == b"1,2,3\n"


def test_a_stray_quote_in_the_header_ends_with_its_line(tmp_path: Path) -> None:
    dialect = look(tmp_path, 'a,"b,c\n1,2,3\n')
    assert dialect.header_lines == 1


def test_single_quotes_as_quotes(tmp_path: Path) -> None:
    assert look(tmp_path, "'a','b'\n'1','x,y'\n").quote == "'"
    assert look(tmp_path, "a,b\n'1','x'\n").quote == '"'


def test_old_line_ends(tmp_path: Path) -> None:
    dialect = look(tmp_path, "a,b\r1,2\r")
    assert (dialect.header, dialect.line_end) == (("a", "b"), b"\r")
    assert look(tmp_path, "a,b\r\n1,2\r\n").line_end == b"\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str) -> None:
    dialect = look(tmp_path, "größe,b\n1,2\n".encode(encoding))
    assert (dialect.encoding, dialect.header) == (found, ("größe", "b"))


def test_plain_text_may_yet_prove_otherwise(tmp_path: Path) -> None:
    assert not look(tmp_path, "a,b\n").settled
    assert look(tmp_path, "a,b\n", encoding="utf8").settled
    assert look(tmp_path, "\ufeffa,b\n").settled


def test_a_character_cut_by_the_sample_is_no_damage(tmp_path: Path) -> None:
    text = b"a,b\n" + b"x" * (SAMPLE_BYTES - 5) + "é".encode() + b",2\n"
    dialect = look(tmp_path, text)
    assert (dialect.encoding, dialect.settled) == ("utf-8", False)


def test_the_whole_file_decides_between_cp1252_and_damage(tmp_path: Path) -> None:
    ascii_lines = b"a,b\n" * 100_000
    assert survey(source(tmp_path, ascii_lines + b"\xe9\n")) == "cp1252"
    assert survey(source(tmp_path, ascii_lines + b"\xe9\n" + "é".encode())) == "utf-8"
    assert survey(source(tmp_path, ascii_lines + b"\xe9\x81\n")) == "utf-8"
    assert look(tmp_path, b"a,\xe9\n" + ascii_lines + "é".encode()).encoding == "utf-8"


def test_what_is_declared_wins(tmp_path: Path) -> None:
    dialect = look(
        tmp_path, "a^b,c^d\n".encode("utf-16-le"), delimiter="^", quote="", encoding="UTF-16LE"
    )
    assert (dialect.delimiter, dialect.quote, dialect.encoding) == ("^", "", "utf-16-le")
    assert dialect.header == ("a", "b,c", "d")
    assert look(tmp_path, "a\tb\n", delimiter="tab").header == ("a", "b")
    assert look(tmp_path, '"a,b"\n', quote="").header == ("a", "b")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"delimiter": "||"}, "cannot separate fields"),
        ({"delimiter": "a"}, "cannot separate fields"),
        ({"delimiter": "é"}, "cannot separate fields"),
        ({"delimiter": '"'}, "cannot separate fields"),
        ({"quote": '""'}, "cannot quote fields"),
        ({"encoding": "utf-9"}, "unknown encoding"),
        ({"encoding": "hex"}, "unknown encoding"),
    ],
)
def test_impossible_declarations(tmp_path: Path, declared: dict[str, str], message: str) -> None:
    with pytest.raises(ClaimAuditError, match=message):
        look(tmp_path, "a,b\n", **declared)


@pytest.mark.parametrize("content", [b"\n", b"\xef\xbb\xbf", b"  \r\n\r\n", gzipped(b"\n")])
def test_a_file_of_nothing_is_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ClaimAuditError, match="the file is empty"):
        look(tmp_path, content)


def test_bytes_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match="neither delimited text nor Parquet"):
        look(tmp_path, b"\x01\x00\x02abc,\n")


def test_half_a_character_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match="ends in the middle of a utf-16 character"):
        look(tmp_path, "a,b\n1,2\n".encode("utf-16")[:-1])
