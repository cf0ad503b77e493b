"""Where records begin and end, and what becomes of those that are damaged."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest import records
from claim_audit.ingest.probe import Dialect
from claim_audit.ingest.records import EncodingInDoubtError, LineCount, Part, scan


def dialect(
    fields: int, *, settled: bool = True, delimiter: str = ",", quote: str = '"'
) -> Dialect:
    return Dialect(
        encoding="utf-8",
        settled=settled,
        delimiter=delimiter,
        quote=quote,
        line_end=b"\n",
        header=tuple(f"c{n}" for n in range(fields)),
        ambiguous=(),
        head=0,
        header_lines=0,
        blank_lines=0,
    )


def cut(text: bytes, size: int) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def parts_of(text: bytes, fields: int = 3, block: int = 1 << 20, **written: object) -> list[Part]:
    return list(scan(cut(text, block), dialect(fields, **written), "x.csv"))  # type: ignore[arg-type]


def told(parts: list[Part]) -> tuple[object, ...]:
    """All that the parts say, however the text was cut."""
    return (
        b"".join(part.text for part in parts),
        [int(row) for part in parts for row in part.rows],
        [reject for part in parts for reject in part.rejects],
        sum(part.lines for part in parts),
        sum(part.records for part in parts),
        sum(part.blank_lines for part in parts),
        sum(part.embedded_newlines for part in parts),
    )


def rejected(text: str | bytes, fields: int = 3) -> list[tuple[int, str, int, str]]:
    raw = text.encode() if isinstance(text, str) else text
    return [
        (reject.line_number, reject.reason, reject.found_fields, reject.raw)
        for part in parts_of(raw, fields)
        for reject in part.rejects
    ]


def test_a_clean_text_goes_on_whole() -> None:
    text = b'1,"a\n""b"",",c\r\n2,,\n3,x,"y"'
    (part,) = parts_of(text)
    assert part.text.obj is text
    assert (part.rows.tolist(), part.rows.dtype) == ([1, 2, 3], np.uint32)
    assert (part.lines, part.records, part.embedded_newlines) == (4, 3, 1)
    assert part.breaks_in_cells


@pytest.mark.parametrize(
    ("record", "reason", "found"),
    [
        ("1,2", "too few fields", 2),
        ("1,2,3,4", "too many fields", 4),
        ("TRAILER", "too few fields", 1),
        ('1,"2,3', "a quote opens and does not close", 2),
        ('1,"2" x,3', "text after a closing quote", 3),
        ('"1,2"', "too few fields", 1),
        ('1,5" x', "too few fields", 2),
        ("1,2\r,3", "a carriage return inside the record", 3),
        ("1,\0,3", "a NUL byte", 3),
    ],
)
def test_a_damaged_record_is_cut_out_alone(record: str, reason: str, found: int) -> None:
    text = f'a,b,c\n"d","e\nf",g\r\n{record}\nh,i,j\n"k",l,"m"\n'
    assert rejected(text) == [(4, reason, found, record)]
    good, rows, *_ = told(parts_of(text.encode()))
    assert good == b'a,b,c\n"d","e\nf",g\r\nh,i,j\n"k",l,"m"\n'
    assert rows == [1, 2, 4, 5]


def test_bytes_that_are_no_utf8() -> None:
    text = "a,é,c\n".encode() + b'a,\xe9,c\n"x\n\xff\ny",b,c\n' + "ü,b,c\n".encode()
    assert rejected(text) == [
        (2, "bytes that are not UTF-8", 3, "a,\ufffd,c"),
        (3, "bytes that are not UTF-8", 3, '"x\n\ufffd\ny",b,c'),
    ]
    _, rows, _, lines, count, blank, embedded = told(parts_of(text))
    assert (rows, lines, count, blank, embedded) == ([1, 4], 6, 4, 0, 2)
    with pytest.raises(EncodingInDoubtError):
        parts_of(text, settled=False)


@pytest.mark.parametrize("end", ["1,2", '1,2,"3', "1,"])
def test_a_last_record_that_is_cut_off(end: str) -> None:
    assert [reject[:2] for reject in rejected("a,b,c\n" + end)] == [
        (2, "cut off at the end of the file")
    ]


def test_a_quote_in_a_bare_field_is_a_letter() -> None:
    text = b'1,5" tube,3\n1,2,6"\n1,x""y,"z"\n'
    assert rejected(text) == []
    assert told(parts_of(text))[0] == text


def test_line_ends_of_every_kind() -> None:
    assert rejected(b'1,2,3\r\n4,5,6\n7,8,9\r\r\n"\r",\'\',"\r\n"\r\n0,0,0\r') == []


def test_blank_lines_are_counted_and_no_records() -> None:
    text = b"\n1,2,3\n  \t\n\r\n4,5,6\n\n"
    good, rows, rejects, lines, count, blank, _ = told(parts_of(text))
    assert (good, rows, rejects) == (b"1,2,3\n4,5,6\n", [1, 2], [])
    assert (lines, count, blank) == (6, 2, 4)


def test_blank_cells_are_no_blank_line() -> None:
    text = b"\t\t\n\t\t\n"
    assert told(parts_of(text, delimiter="\t"))[0] == text
    assert told(parts_of(b",,\n"))[1] == [1]


def test_a_single_column() -> None:
    good, rows, rejects, _, _, blank, _ = told(parts_of(b'a\n\n""\n \n\r\nb', 1))
    assert (good, rows, rejects, blank) == (b'a\n""\n \nb', [1, 2, 3, 4], [], 2)


def test_without_quoting_a_quote_is_a_letter() -> None:
    text = b'"1,2,"3\n",",x\n'
    assert told(parts_of(text, quote=""))[1] == [1, 2]


def test_stray_quotes_that_pair_up_do_not_join_records() -> None:
    """Two stray quotes in one column make, of all the records between, one well-formed record."""
    good = "1,2,3,4,5,6,7,8\n"
    text = good + '1,2,"3,4,5,6,7,8\n' + good * 3 + '1,2,3",4,5,6,7,8\n' + good
    assert [reject[:2] for reject in rejected(text, 8)] == [(2, "a quote opens and does not close")]
    assert told(parts_of(text.encode(), 8))[1] == [1, 3, 4, 5, 6, 7]


def test_a_quote_that_never_closes_is_given_up_after_a_while() -> None:
    text = b'1,2,"3\n' + b"1,2,3\n" * 100
    with mock.patch.object(records, "LONGEST_RECORD", 50):
        parts = parts_of(text, block=16)
    assert max(len(part.text) for part in parts) < 100
    assert told(parts)[1] == list(range(2, 102))


def test_raw_text_is_capped() -> None:
    ((_, _, found, raw),) = rejected("é," * 20_000 + "\n")
    assert (found, len(raw), raw[:2]) == (20_001, records.RAW_CHARACTERS, "é,")


def test_a_text_without_line_ends_is_refused() -> None:
    with (
        mock.patch.object(records, "LONGEST_LINE", 100),
        pytest.raises(ClaimAuditError, match="no line end within 100 bytes") as caught,
    ):
        parts_of(b"1,2,3\n" + b"x" * 200, block=10)
    assert caught.value.where == "x.csv, line 2"


def test_rejects_become_a_table() -> None:
    found = [reject for part in parts_of(b"1,2\n") for reject in part.rejects]
    frame = records.rejects_frame(found, "x.csv", 3)
    assert frame.schema == records.REJECTS
    assert frame.rows() == [("x.csv", 1, "too few fields", 3, 2, "1,2")]
    assert records.rejects_frame([], "x.csv", 3).schema == records.REJECTS


STRUCTURE = st.lists(
    st.sampled_from(
        [
            *(b"a", b",", b'"', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b" ", "é".encode()),
            *(b'""', b"a,a,a\n", b',"', b'",', b'"\n'),
        ]
    ),
    max_size=60,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(
    text=STRUCTURE, fields=st.integers(1, 4), block=st.integers(1, 20), longest=st.integers(4, 60)
)
def test_any_bytes_are_accounted_for_however_they_are_cut(
    text: bytes, fields: int, block: int, longest: int
) -> None:
    with (
        mock.patch.object(records, "LONGEST_RECORD", longest),
        mock.patch.object(records, "TELLING_FIELDS", 3),
    ):
        whole = told(parts_of(text, fields))
        assert told(parts_of(text, fields, block)) == whole
        with mock.patch.object(records, "_clean_ends", lambda *_: None):
            assert told(parts_of(text, fields)) == whole
    _, rows, rejects, lines, count, blank, embedded = whole
    counted = LineCount()
    for piece in cut(text, block):
        counted.add(piece)
    assert counted.lines == lines == count + blank + embedded
    assert count == len(rows) + len(rejects)
