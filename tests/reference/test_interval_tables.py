"""Reading a table, the checks of its intervals, and looking lines up by day."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from asking import valid_on
from hypothesis import given, settings
from hypothesis import strategies as st

from claim_audit.errors import ClaimAuditError, InternalError
from claim_audit.reference import Column, Condition, IntervalTable, TableSpec

TRACED = {
    "valid_from": Column("date"),
    "valid_to": Column("date"),
    "release": Column(filled=True),
    "source": Column(filled=True),
    "confidence": Column(values=frozenset({"verified", "memory"}), filled=True),
}
LIMITS = TableSpec(
    name="limits",
    columns={
        "code": Column(pattern=r"\A[A-Z][0-9]\z", filled=True),
        "limit": Column("integer"),
        "unit": Column(),
        "price": Column("decimal"),
        "home": Column("flag"),
        "modifiers": Column("words", pattern=r"\A[A-Z]{2}\z"),
        **TRACED,
    },
    keys=("code",),
    conditions=(Condition("unit", frozenset({"days"}), "limit"),),
)
HEADER = "code,limit,unit,price,home,modifiers,valid_from,valid_to,release,source,confidence\n"
GOOD = "A1,3,days,1.50,Y,KX JK,2024-01-01,2024-12-31,r1,a book,verified\n"


def written(folder: Path, *records: str, header: str = HEADER) -> Path:
    file = folder / "limits.csv"
    file.write_text(header + "".join(records), encoding="utf-8")
    return file


def table(folder: Path, *records: str, spec: TableSpec = LIMITS) -> IntervalTable:
    return IntervalTable.build(spec, spec.read(written(folder, *records)), "package")


def test_cells_become_values(tmp_path: Path) -> None:
    row = table(tmp_path, GOOD).frame.row(0, named=True)
    assert row["limit"] == 3
    assert str(row["price"]) == "1.50"
    assert row["home"] is True
    assert row["modifiers"] == ["KX", "JK"]
    assert row["valid_to"] == dt.date(2024, 12, 31)


def test_blank_cells_are_null_and_blank_words_are_no_words(tmp_path: Path) -> None:
    row = table(tmp_path, "A1, ,,,,,,,r1,a book,verified\n").frame.row(0, named=True)
    assert row["modifiers"] == []
    assert {row[name] for name in ("limit", "unit", "price", "home", "valid_from")} == {None}


def test_dates_as_cms_writes_them(tmp_path: Path) -> None:
    frame = table(tmp_path, "A1,,,,,,20240101,20241231,r1,a book,verified\n").frame
    assert frame["valid_from"].to_list() == [dt.date(2024, 1, 1)]


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ("a1,3,,,,,,,r1,a book,verified\n", "column 'code' has the wrong shape"),
        ("A1\u0661,3,,,,,,,r1,a book,verified\n", "column 'code' has the wrong shape"),
        (",3,,,,,,,r1,a book,verified\n", "column 'code' is blank"),
        ("A1,3.5,,,,,,,r1,a book,verified\n", "column 'limit' cannot be read"),
        ("A1,1e3,,,,,,,r1,a book,verified\n", "column 'limit' cannot be read"),
        ("A1,,,1.505,,,,,r1,a book,verified\n", "column 'price' cannot be read"),
        ("A1,,,,yes,,,,r1,a book,verified\n", "column 'home' cannot be read"),
        ("A1,,,,,KX J1,,,r1,a book,verified\n", "column 'modifiers' has the wrong shape"),
        ("A1,,,,,,24-01-01,,r1,a book,verified\n", "column 'valid_from' cannot be read"),
        ("A1,,,,,,2024-02-30,,r1,a book,verified\n", "column 'valid_from' cannot be read"),
        ("A1,,,,,,,01/31/2024,r1,a book,verified\n", "column 'valid_to' cannot be read"),
        ("A1,,,,,,,,r1,,verified\n", "column 'source' is blank"),
        ("A1,,,,,,,,,a book,verified\n", "column 'release' is blank"),
        ("A1,,,,,,,,r1,a book,\n", "column 'confidence' is blank"),
        ("A1,,,,,,,,r1,a book,sure\n", "column 'confidence' holds a word it may not hold"),
        ("A1,,days,,,,,,r1,a book,verified\n", "column 'limit' does not fit column 'unit'"),
        ("A1,,,,,,2024-12-31,2024-01-01,r1,a book,verified\n", "valid_from is after valid_to"),
        (GOOD, "two rows of the same code"),
        ("A1,,,,,,2024-12-31,,r1,a book,verified\n", "two rows of the same code"),
        ("A1,,,,,,,2024-01-01,r1,a book,verified\n", "two rows of the same code"),
        ("A1,,,,,,,,r1,a book\n", "fields do not match its header: 3"),
        ("A1,,,,,,,,r1,a book,verified,more\n", "fields do not match its header: 3"),
    ],
)
def test_a_broken_record_is_named(tmp_path: Path, record: str, what: str) -> None:
    with pytest.raises(ClaimAuditError) as raised:
        table(tmp_path, GOOD, record)
    assert what in raised.value.what
    assert "limits" in raised.value.where
    assert raised.value.exit_code == 2


def test_messages_name_the_record_and_never_the_cell(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match=r"limits\.csv record 2") as raised:
        table(tmp_path, GOOD, "SECRET,,,,,,,,r1,a book,verified\n")
    assert "SECRET" not in str(raised.value)


def test_many_broken_records_are_counted(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match="record 5 and 15 more"):
        table(tmp_path, *["??,,,,,,,,r1,a book,verified\n"] * 20)


def test_a_missing_column_comes_with_the_nearest_name(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD, header=HEADER.replace("modifiers", "modifer"))
    with pytest.raises(ClaimAuditError, match=r"needs: modifiers.*did you mean 'modifer'"):
        LIMITS.read(file)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "cannot be read"),
        (HEADER.encode(), "holds no rows"),
        (HEADER.encode() + b"A1,,,,,,,,r1,a b\xf6\xf6k,verified\n", "cannot be read .damaged"),
        (HEADER.encode() + HEADER.encode().replace(b"code", b"code,code"), "do not match"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "limits.csv"
    file.write_bytes(content)
    with pytest.raises(ClaimAuditError, match=what):
        LIMITS.read(file)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match=r"limits\.csv cannot be read \(No such file"):
        LIMITS.read(tmp_path / "limits.csv")


def test_a_parquet_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "limits.parquet"
    file.write_text(HEADER + GOOD)
    with pytest.raises(ClaimAuditError, match="cannot be read"):
        LIMITS.read(file)


def test_holes_are_an_error_only_where_none_may_be(tmp_path: Path) -> None:
    later = "A1,4,,,,,2025-02-01,,r2,a book,verified\n"
    assert table(tmp_path, GOOD, later).frame.height == 2
    without_holes = TableSpec("limits", LIMITS.columns, LIMITS.keys, contiguous=True)
    with pytest.raises(ClaimAuditError, match=r"leave days out, before limits\.csv record 2"):
        table(tmp_path, GOOD, later, spec=without_holes)
    next_day = later.replace("2025-02-01", "2025-01-01")
    assert table(tmp_path, GOOD, next_day, spec=without_holes).frame.height == 2


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    other = "B2,,,,N,,2024-01-01,,r1,a book,memory\n"
    first = table(tmp_path, GOOD, other)
    turned = table(tmp_path, other, GOOD)
    assert first.sha256 == turned.sha256
    file = tmp_path / "limits.parquet"
    first.frame.with_columns(
        pl.col("modifiers").list.join(" "), pl.col("valid_from").cast(pl.Datetime)
    ).select(reversed(first.frame.columns)).write_parquet(file)
    typed = IntervalTable.build(LIMITS, LIMITS.read(file), "package")
    assert first.sha256 == typed.sha256
    assert table(tmp_path, GOOD, other.replace("2024", "2023")).sha256 != first.sha256


def looked_up(limits: IntervalTable, code: str | None, day: dt.date | None) -> dict[str, object]:
    lines = pl.LazyFrame(
        {"hcpcs": [code], "day": [day]}, schema={"hcpcs": pl.String, "day": pl.Date}
    )
    found = valid_on(limits, lines, {"hcpcs": "code"}, "day", ["limit", "release"], "l_").collect()
    assert found.columns == [
        "hcpcs", "day", "l_known", "l_in_force", "l_covered", "l_limit", "l_release",
    ]  # fmt: skip
    return found.row(0, named=True)


SEVERAL = (
    "A1,1,,,,,,2022-12-31,r1,a book,verified\n",
    "A1,2,,,,,2023-01-01,2023-06-30,r2,a book,verified\n",
    "A1,3,,,,,2024-01-01,,r3,a book,verified\n",
    "B2,9,,,,,2023-01-01,2023-12-31,r2,a book,verified\n",
)


@pytest.mark.parametrize(
    ("code", "day", "in_force", "limit", "release"),
    [
        ("A1", dt.date(1990, 1, 1), True, 1, "r1"),
        ("A1", dt.date(2022, 12, 31), True, 1, "r1"),
        ("A1", dt.date(2023, 1, 1), True, 2, "r2"),
        ("A1", dt.date(2023, 6, 30), True, 2, "r2"),
        ("A1", dt.date(2023, 7, 1), False, None, "r2"),
        ("A1", dt.date(2024, 1, 1), True, 3, "r3"),
        ("A1", dt.date(2099, 1, 1), True, 3, "r3"),
        ("A1", None, None, None, "r1"),
        ("B2", dt.date(2022, 12, 31), False, None, "r2"),
        ("B2", dt.date(2023, 12, 31), True, 9, "r2"),
        ("C3", dt.date(2023, 12, 31), None, None, None),
        (None, dt.date(2023, 12, 31), None, None, None),
    ],
)
def test_several_releases(
    tmp_path: Path,
    code: str | None,
    day: dt.date | None,
    in_force: bool | None,
    limit: int | None,
    release: str | None,
) -> None:
    found = looked_up(table(tmp_path, *SEVERAL), code, day)
    assert found["l_known"] is (code in {"A1", "B2"})
    assert found["l_in_force"] is in_force
    assert (found["l_limit"], found["l_release"]) == (limit, release)


def test_a_lasting_column_is_given_out_of_force(tmp_path: Path) -> None:
    days = [dt.date(2022, 1, 1), dt.date(2023, 1, 1), dt.date(2023, 8, 1), dt.date(2024, 8, 1)]
    asked = pl.LazyFrame({"hcpcs": ["B2", "B2", "A1", "B2"], "day": days})
    limits = table(tmp_path, *SEVERAL)
    found = valid_on(
        limits, asked, {"hcpcs": "code"}, "day", ["limit", "source"], "l_", lasting=["limit"]
    ).collect()
    assert found.sort("day").select("l_limit", "l_source").rows() == [
        (9, None),
        (9, "a book"),
        (2, None),
        (9, None),
    ]


def test_an_undated_row_needs_no_day(tmp_path: Path) -> None:
    found = looked_up(table(tmp_path, "A1,7,,,,,,,r1,a book,verified\n"), "A1", None)
    assert (found["l_in_force"], found["l_limit"]) == (True, 7)


def test_a_complete_table_covers_the_days_of_its_releases(tmp_path: Path) -> None:
    full = TableSpec("limits", LIMITS.columns, LIMITS.keys, complete=True)
    dated = table(tmp_path, *SEVERAL[1:], spec=full)
    assert looked_up(dated, "C3", dt.date(2022, 12, 31))["l_covered"] is False
    assert looked_up(dated, "C3", dt.date(2023, 8, 1))["l_covered"] is True
    assert looked_up(dated, "C3", dt.date(2030, 8, 1))["l_covered"] is True
    assert looked_up(dated, "C3", None)["l_covered"] is False
    assert looked_up(table(tmp_path, *SEVERAL), "C3", dt.date(2023, 8, 1))["l_covered"] is False


def test_a_complete_table_covers_its_scope_only(tmp_path: Path) -> None:
    by_unit = TableSpec("limits", LIMITS.columns, ("unit", "code"), complete=True, scope=("unit",))
    sets = table(tmp_path, "A1,1,sets,,,,2023-01-01,,r1,a book,verified\n", spec=by_unit)
    lines = pl.LazyFrame({"c": ["Z9", "Z9"], "u": ["sets", "days"], "d": [dt.date(2024, 1, 1)] * 2})
    found = valid_on(sets, lines, {"c": "code", "u": "unit"}, "d", [], "l_").collect().sort("u")
    assert found["l_covered"].to_list() == [False, True]


def test_a_key_may_be_left_out_only_where_it_has_one_value(tmp_path: Path) -> None:
    by_unit = TableSpec("limits", LIMITS.columns, ("code", "unit"))
    one = "A1,1,sets,,,,,,r1,a book,verified\n"
    lines = pl.LazyFrame({"c": ["A1"], "d": [dt.date(2024, 1, 1)]})
    found = valid_on(table(tmp_path, one, spec=by_unit), lines, {"c": "code"}, "d", ["limit"], "")
    assert found.collect()["limit"].to_list() == [1]
    two = table(tmp_path, one, "A1,2,days,,,,,,r1,a book,verified\n", spec=by_unit)
    with pytest.raises(InternalError, match="unit"):
        valid_on(two, lines, {"c": "code"}, "d", ["limit"], "")


day = st.dates(dt.date(2023, 1, 1), dt.date(2023, 3, 1))
code = st.sampled_from(["A1", "B2", "C3"])


@st.composite
def intervals(draw: st.DrawFn) -> list[tuple[str, dt.date | None, dt.date | None]]:
    rows: list[tuple[str, dt.date | None, dt.date | None]] = []
    for key in draw(st.lists(code, unique=True, min_size=1)):
        days = sorted(draw(st.lists(day, unique=True, min_size=2, max_size=8)))
        ends = list(zip(days[::2], days[1::2], strict=False))
        rows += [
            (
                key,
                None if first == days[0] and draw(st.booleans()) else first,
                None if last == ends[-1][1] and draw(st.booleans()) else last,
            )
            for first, last in ends
        ]
    return rows


@settings(max_examples=60, deadline=None)
@given(
    intervals(),
    st.lists(st.tuples(st.none() | code | st.just("D4"), st.none() | day), min_size=1),
    st.sampled_from(["in-memory", "streaming"]),
)
def test_every_line_comes_back_once_with_what_was_in_force(
    rows: list[tuple[str, dt.date | None, dt.date | None]],
    asked: list[tuple[str | None, dt.date | None]],
    engine: pl._typing.EngineType,
) -> None:
    count = len(rows)
    frame = pl.DataFrame(
        rows, schema={"code": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}, orient="row"
    ).with_columns(
        place=pl.lit("here"),
        limit=pl.int_range(count, dtype=pl.Int32),
        unit=pl.lit(None, pl.String),
        price=pl.lit(None, pl.Decimal(16, 2)),
        home=pl.lit(None, pl.Boolean),
        modifiers=pl.lit([], pl.List(pl.String)),
        release=pl.lit("r"),
        source=pl.lit("s"),
        confidence=pl.lit("memory"),
    )
    limits = IntervalTable.build(LIMITS, frame, "package")
    lines = pl.LazyFrame(
        {"n": range(len(asked)), "c": [c for c, _ in asked], "d": [d for _, d in asked]},
        schema={"n": pl.Int64, "c": pl.String, "d": pl.Date},
    )
    found = (
        valid_on(limits, lines, {"c": "code"}, "d", ["limit"], "x_")
        .collect(engine=engine)
        .sort("n")
    )
    assert found.select("n", "c", "d").equals(lines.collect())
    for row in found.iter_rows(named=True):
        holding = [
            n
            for n, (key, first, last) in enumerate(rows)
            if key == row["c"]
            and (first is None or (row["d"] is not None and first <= row["d"]))
            and (last is None or (row["d"] is not None and row["d"] <= last))
        ]
        assert row["x_known"] is (row["c"] in {key for key, _, _ in rows})
        assert row["x_limit"] == (holding[0] if holding else None)
        assert (row["x_in_force"] is True) is bool(holding)
