"""The drafted layout: it loads, reads what it was drafted from and shows no cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest import layouts

BUILTIN = layouts.builtin()
HEADER = ("Claim ID", "DOS", "HCPCS", "Mod1", "Modifer 2", "Qty", "Payor Nme", "Zebra")


def loaded(tmp_path: Path, text: str) -> layouts.Layout:
    path = tmp_path / "draft.toml"
    path.write_text(text, encoding="utf-8")
    return layouts.load(path)


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_a_draft_from_a_known_header_reads_it_as_the_layout_does(tmp_path, name):
    layout = BUILTIN[name]
    repeat = layout.repeat or layouts.Repeat(0, {})
    header = tuple(
        dict.fromkeys(
            [
                *(names[0] for names in layout.columns.values()),
                *layout.fallback.values(),
                *([layout.adjustment.column] if layout.adjustment else []),
                *(
                    names[0].replace("{n}", str(n))
                    for n in range(1, repeat.count + 1)
                    for names in repeat.columns.values()
                ),
            ]
        )
    )
    draft = loaded(tmp_path, layouts.suggest(header, BUILTIN))
    expected = layouts.match("a", header, BUILTIN, layout)
    found = layouts.match("a", header, {}, draft)
    for part in ("columns", "fallback", "repeat", "adjustment_column", "adjustment_reference"):
        assert getattr(found, part) == getattr(expected, part), part
    assert draft.constants == layout.constants
    assert draft.adjustment == layout.adjustment
    assert draft.date_formats == layout.date_formats


def test_a_draft_says_what_it_could_not_place(tmp_path):
    text = layouts.suggest(HEADER, BUILTIN)
    assert '# "Modifer 2": nearest field modifier_2' in text
    assert '# "Payor Nme": nearest field payer_name' in text
    assert '# "Zebra": no field is near' in text
    assert '# billing_npi = ""' in text
    assert loaded(tmp_path, text).columns["units"] == ("Qty",)


def test_a_draft_names_the_required_fields_first():
    text = layouts.suggest(("Claim ID", "Code", "Thing"), BUILTIN)
    assert '# service_from_date = ""  # required\n# hcpcs_code = ""  # required' in text


def test_constants_are_not_taken_from_a_layout_that_hardly_fits():
    text = layouts.suggest(("CLM_ID", "HCPCS_CD", "Units", "Payer"), BUILTIN)
    assert "Medicare" not in text
    assert "layout generic" in text


def test_the_last_resort_helps_where_the_closest_layout_stops(tmp_path):
    rif = [names[0] for names in BUILTIN["ccw-rif-dme"].columns.values()]
    text = layouts.suggest((*rif, "days_supply", "mods"), BUILTIN)
    draft = loaded(tmp_path, text)
    assert draft.constants["payer_name"] == "Medicare"
    assert draft.columns["days_supply"] == ("days_supply",)
    assert draft.joined_modifiers == ("mods",)


def test_columns_of_one_name_are_pointed_out(tmp_path):
    text = layouts.suggest(("Claim ID", "DOS", "HCPCS", "Qty", "qty"), BUILTIN)
    assert '# "Qty": several columns have this name' in text
    assert "units" not in loaded(tmp_path, text).columns


@pytest.mark.parametrize(
    ("cells", "formats"),
    [
        (["2024-01-31", "", "2024-02-01"], ("%Y-%m-%d",)),
        (["20240131", " 20240201 "], ("%Y%m%d",)),
        (["1/2/2024", "12/31/2024"], ("%m/%d/%Y",)),
        (["1/2/2024", "31/12/2024"], ("%d/%m/%Y",)),
        (["03-FEB-2014", "28-Mar-2015"], ("%d-%b-%Y",)),
        (["20240131", "20240201", "2024-01-31", "soon"], ("%Y%m%d", "%Y-%m-%d")),
        (["soon", "later"], ()),
        ([], ()),
    ],
)
def test_sample_cells_decide_the_date_formats_and_are_not_written(tmp_path, cells, formats):
    text = layouts.suggest(HEADER, BUILTIN, {"DOS": cells, "Zebra": ["2023/01/31"]})
    assert loaded(tmp_path, text).date_formats == formats
    assert not any(cell in text for cell in cells if cell)


def test_a_day_above_twelve_in_one_column_settles_the_others(tmp_path):
    sample = {"DOS": ["1/2/2024", "3/4/2024"], "paid date": ["15/2/2024"]}
    text = layouts.suggest(("Claim ID", "DOS", "HCPCS", "paid date"), BUILTIN, sample)
    assert loaded(tmp_path, text).date_formats == ("%d/%m/%Y",)


def test_a_file_without_a_header_gets_no_draft():
    with pytest.raises(ClaimAuditError, match="looks like data") as raised:
        layouts.suggest(("SMITH", "2024-01-05", "A4231", "10"), BUILTIN)
    assert "SMITH" not in str(raised.value)


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=3),
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Nd"]), max_size=12), max_size=6
    ),
)
def test_any_header_gives_a_draft_that_loads(tmp_path_factory, any_names, names):
    """A header with more columns that look like cells than it has known names is data."""
    header = ("Claim ID", "DOS", "HCPCS", *any_names, *names)
    draft = loaded(tmp_path_factory.mktemp("draft"), layouts.suggest(header, BUILTIN))
    assert layouts.match("a", HEADER[:3], {}, draft).columns["hcpcs_code"] == "HCPCS"
