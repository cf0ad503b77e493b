"""Which layout reads a header, which column feeds which field, and what is said if none does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest import layouts
from claim_audit.ingest.layout_match import normalise

BUILTIN = layouts.builtin()
HAND_MADE = ("Claim ID", "DOS", "HCPCS", "Mod1", "Mod 2", "Qty", "Payer", "NPI", "Dx1", "Billed")
RIF_COLUMNS = """
DML_IND BENE_ID CLM_ID CLM_GRP_ID FINAL_ACTION NCH_CLM_TYPE_CD CLM_FROM_DT CLM_THRU_DT
CARR_CLM_ENTRY_CD CARR_NUM CARR_CLM_PMT_DNL_CD PRNCPAL_DGNS_CD ICD_DGNS_CD1 ICD_DGNS_VRSN_CD1
RFR_PHYSN_NPI CARR_CLM_CNTL_NUM LINE_NUM TAX_NUM LINE_SRVC_CNT LINE_PLACE_OF_SRVC_CD
LINE_1ST_EXPNS_DT LINE_LAST_EXPNS_DT HCPCS_CD HCPCS_1ST_MDFR_CD LINE_NCH_PMT_AMT
LINE_SBMTD_CHRG_AMT PRVDR_NPI DMERC_LINE_MTUS_CNT LINE_NDC_CD
"""
RIF = tuple(RIF_COLUMNS.split())
"""Columns of CMS's synthetic RIF; some of them no field reads."""


def own_header(layout: layouts.Layout) -> tuple[str, ...]:
    """A header with the first name of everything the layout reads."""
    repeat = layout.repeat or layouts.Repeat(0, {})
    names = [
        *(alternatives[0] for alternatives in layout.columns.values()),
        *layout.fallback.values(),
        *layout.joined_modifiers[:1],
        *([layout.adjustment.column] if layout.adjustment else []),
        *(
            patterns[0].replace("{n}", str(n))
            for n in range(1, repeat.count + 1)
            for patterns in repeat.columns.values()
        ),
    ]
    return tuple(dict.fromkeys(names))


def recognised(header: tuple[str, ...], known: dict[str, layouts.Layout] = BUILTIN) -> str:
    return layouts.match("claims.csv", header, known, None).layout.name


def refusal(
    header: tuple[str, ...],
    known: dict[str, layouts.Layout] = BUILTIN,
    chosen: layouts.Layout | None = None,
) -> str:
    with pytest.raises(ClaimAuditError) as raised:
        layouts.match("claims.csv", header, known, chosen)
    assert raised.value.exit_code == 2
    return str(raised.value)


def of(name: str, base: str = "canonical", **changes: object) -> layouts.Layout:
    return replace(BUILTIN[base], name=name, **changes)


@pytest.mark.parametrize("name", sorted(set(BUILTIN) - {"generic"}))
def test_a_layout_is_recognised_by_its_own_header(name):
    found = layouts.match("claims.csv", own_header(BUILTIN[name]), BUILTIN, None)
    assert found.layout.name == name
    assert found.unmatched == ()


def test_a_rif_header_is_recognised():
    found = layouts.match("a.txt", RIF, BUILTIN, None)
    assert found.layout.name == "ccw-rif-dme"
    assert found.fallback == {"units": "LINE_SRVC_CNT"}
    assert found.columns["units"] == "DMERC_LINE_MTUS_CNT"
    assert found.adjustment_column == "CARR_CLM_ENTRY_CD"
    assert found.adjustment_reference == "CARR_CLM_CNTL_NUM"
    assert found.unmatched[:3] == ("DML_IND", "CLM_GRP_ID", "FINAL_ACTION")


def test_a_hand_made_header_is_recognised():
    found = layouts.match("claims.csv", HAND_MADE, BUILTIN, None)
    assert found.layout.name == "generic"
    assert found.unmatched == ()
    assert found.columns["modifier_2"] == "Mod 2"
    assert found.columns["charge_amount"] == "Billed"


def test_generic_reads_a_mixture_of_canonical_names_and_aliases():
    assert recognised(("claim_id", "hcpcs_code", "service_from_date", "units")) == "canonical"
    assert recognised(("claim_id", "hcpcs_code", "service_from_date", "qty")) == "generic"


def test_the_only_date_of_an_lds_line_is_both_dates():
    found = layouts.match("a", own_header(BUILTIN["lds-dme"]), BUILTIN, None)
    dates = {found.columns["service_from_date"], found.columns["service_to_date"]}
    assert dates == {"LINE_LAST_EXPNS_DT"}


def test_a_wide_layout_maps_each_slot():
    header = ("DESYNPUF_ID", "CLM_ID", "CLM_FROM_DT", "HCPCS_CD_1", "hcpcs_cd_13", "TAX_NUM_2")
    found = layouts.match("a.csv", header, BUILTIN, BUILTIN["de-synpuf-carrier"])
    assert found.repeat == {1: {"hcpcs_code": "HCPCS_CD_1"}, 13: {"hcpcs_code": "hcpcs_cd_13"}}
    assert found.unmatched == ("TAX_NUM_2",)


def test_the_first_alternative_wins_and_the_others_are_listed():
    found = layouts.match("a", (*HAND_MADE, "units", "Mods"), BUILTIN, None)
    assert found.columns["units"] == "units"
    assert found.unmatched == ("Qty",)
    assert found.joined_modifiers == "Mods"


def test_a_fallback_column_stands_in_for_an_absent_one():
    header = tuple(column for column in RIF if column != "DMERC_LINE_MTUS_CNT")
    found = layouts.match("a", header, BUILTIN, None)
    assert (found.columns["units"], found.fallback) == ("LINE_SRVC_CNT", {})


def test_headers_are_compared_without_case_and_separators():
    same = ("Claim ID", " claim-id ", "CLAIM.ID", "claim__id", "Claim. ID", "claim\u00a0id")
    assert {normalise(header) for header in same} == {"claim_id"}


def test_an_optional_column_may_be_absent_from_the_layout_asked_for():
    found = layouts.match("a", HAND_MADE[:3], BUILTIN, BUILTIN["generic"])
    assert set(found.columns) == {"claim_id", "service_from_date", "hcpcs_code"}


def test_a_constant_can_stand_for_a_required_column():
    columns = {k: v for k, v in BUILTIN["canonical"].columns.items() if k != "hcpcs_code"}
    layout = of("one-code", columns=columns, constants={"hcpcs_code": "A4231"})
    found = layouts.match("a", ("claim_id", "service_from_date"), {}, layout)
    assert "hcpcs_code" not in found.columns


def test_a_required_column_missing_from_the_layout_asked_for_is_named_with_the_nearest():
    text = refusal(("claim_id", "hcpcs_cod", "service_from_date"), chosen=BUILTIN["canonical"])
    assert "layout 'canonical' finds no column for hcpcs_code (nearest: 'hcpcs_cod')" in text
    assert "layout suggest" in text


def test_a_header_that_only_has_the_name_of_the_field_is_told_what_the_layout_looks_for():
    text = refusal(("claim_id", "hcpcs_code", "service_from_date"), chosen=BUILTIN["ccw-rif-dme"])
    clue = "looks for 'LINE_1ST_EXPNS_DT'; nearest: 'service_from_date'"
    assert f"service_from_date ({clue})" in text
    assert "a column for each of claim_id, hcpcs_code, service_from_date" in text


def test_a_poor_match_shows_the_candidates_what_is_missing_and_the_nearest_names():
    text = refusal(("Claim ID", "Srvc From", "HCPCS", "Units"))
    assert text.startswith("claims.csv: no layout fits the header")
    assert "generic reads 3 of 4 columns, service_from_date missing" in text
    assert "(nearest: 'Srvc From')" in text
    assert "--layout" in text
    assert "claim-audit layout suggest FILE" in text


def test_a_header_that_is_nearly_all_unknown_is_a_poor_match():
    header = ("claim_id", "dos", "hcpcs", *(f"extra {n}" for n in "abcdefghijk"))
    assert "generic reads 3 of 14 columns" in refusal(header)
    chosen = layouts.match("a", header, BUILTIN, BUILTIN["generic"])
    assert len(chosen.unmatched) == 11


@pytest.mark.parametrize("header", [(), ("a",), ("alpha", "beta")])
def test_a_header_nobody_knows_is_refused(header):
    assert "no layout reads any of its columns" in refusal(header)


def test_two_layouts_that_fit_alike_and_read_differently_are_a_tie():
    known = {
        name: of(name, "tuva-medical-claim", constants={"line_of_business": value})
        for name, value in (("east", "commercial"), ("west", "medicare_advantage"))
    }
    text = refusal(own_header(BUILTIN["tuva-medical-claim"]), known)
    assert "several layouts fit the header equally well: east reads" in text
    assert "| west reads" in text
    assert "--layout" in text


def test_two_layouts_that_read_alike_are_no_tie():
    known = {name: of(name, "tuva-medical-claim") for name in ("west", "east")}
    assert recognised(own_header(BUILTIN["tuva-medical-claim"]), known) == "east"


def test_of_two_that_read_equally_much_the_narrower_one_wins():
    header = ("claim_id", "hcpcs_code", "service_from_date", "units")
    own = of("own", columns={name: (name,) for name in header}, constants={"payer_name": "Aetna"})
    assert recognised(header, {**BUILTIN, "own": own}) == "own"


@pytest.mark.parametrize("again", ["HCPCS", "hcpcs"])
def test_a_column_that_is_read_must_have_a_name_of_its_own(again):
    assert "more than one column is named 'HCPCS'" in refusal((*HAND_MADE, again))


def test_a_column_nobody_reads_may_come_twice():
    found = layouts.match("a", (*HAND_MADE, "note", "note"), BUILTIN, None)
    assert found.unmatched == ("note", "note")


@pytest.mark.parametrize("chosen", [None, BUILTIN["generic"]])
def test_a_file_without_a_header_is_recognised_and_its_cells_are_not_shown(chosen):
    text = refusal(("CLAIM0017", "2024-01-05", "A4231", "10", "SMITH", "$1,200.50"), chosen=chosen)
    assert "looks like data" in text
    assert not any(cell in text for cell in ("CLAIM0017", "SMITH", "A4231"))


@given(st.sampled_from([RIF, HAND_MADE, own_header(BUILTIN["de-synpuf-carrier"])]), st.data())
def test_order_and_case_of_the_header_change_nothing(header, data):
    shuffled = data.draw(st.permutations(header))
    cased = [data.draw(st.sampled_from([str.upper, str.lower, str.title]))(c) for c in shuffled]
    expected = layouts.match("a", header, BUILTIN, None)
    found = layouts.match("a", tuple(cased), BUILTIN, None)
    assert found.layout == expected.layout
    assert low(found.columns) == low(expected.columns)
    assert low(found.fallback) == low(expected.fallback)
    assert {n: low(slot) for n, slot in found.repeat.items()} == {
        n: low(slot) for n, slot in expected.repeat.items()
    }
    assert sorted(c.lower() for c in found.unmatched) == sorted(
        c.lower() for c in expected.unmatched
    )


def low(columns: dict[str, str]) -> dict[str, str]:
    return {field: column.lower() for field, column in columns.items()}


def test_layouts_that_tie_say_which_columns_they_read_otherwise():
    text = refusal(("claim_id", "hcpcs_code", "service_from_date", "claim_line_start_date"))
    assert "canonical reads 3 of 4 columns, service_from_date from 'service_from_date'" in text
    assert "columns, service_from_date from 'claim_line_start_date'" in text
