"""What the package's own slices must say."""

import datetime as dt

import polars as pl
import pytest
from asking import valid_on

from claim_audit.reference import TABLES, Reference

POLICIES = ["modifier_policies", "payer_policies"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("hcpcs", 85),
        ("mue", 166),
        ("diagnosis_support", 446),
        ("places_of_service", 99),
        ("modifiers", 434),
    ],
)
def test_counts(reference: Reference, table: str, rows: int) -> None:
    assert reference[table].frame.height == rows


def test_counts_by_kind(reference: Reference) -> None:
    support = reference["diagnosis_support"].frame
    assert support.filter(support="medicare_group1").height == 426
    kinds = dict(reference["modifiers"].frame["kind"].value_counts().iter_rows())
    assert kinds == {"HCPCS Level II": 383, "CPT": 43, "placeholder": 8}
    places = reference["places_of_service"].frame
    assert places.filter(~pl.col("assigned")).height == 47
    assert places.filter("medicare_dme_home")["place_of_service"].to_list() == [
        "01", "04", "09", "12", "13", "14", "27", "33", "54", "55", "56",
    ]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source_a_release_and_a_confidence(
    reference: Reference, table: str
) -> None:
    frame = reference[table].frame.select("source", "release", "confidence")
    assert frame.null_count().row(0) == (0, 0, 0)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("A4231", "1996-01-01", None),
        ("J1817", "2003-01-01", None),
        ("J1811", "2023-07-01", None),
        ("A4224", "2017-01-01", None),
        ("A4226", "2020-01-01", None),
        ("A4238", "2022-04-01", None),
        ("K0553", "2017-07-01", "2022-12-31"),
    ],
)
def test_a_code_may_be_billed_from_the_day_it_was_added(
    reference: Reference, code: str, first: str, last: str | None
) -> None:
    row = reference["hcpcs"].frame.row(by_predicate=pl.col("hcpcs_code") == code, named=True)
    assert row["valid_from"] == dt.date.fromisoformat(first)
    assert row["valid_to"] == (dt.date.fromisoformat(last) if last else None)


def test_what_one_unit_is(reference: Reference) -> None:
    frame = reference["hcpcs"].frame
    units = {
        code: (factor, of)
        for code, factor, of in frame.select(
            "hcpcs_code", "unit_factor", "unit_factor_of"
        ).iter_rows()
    }
    assert units["J1817"] == (50, "insulin units")
    assert units["J1815"] == (5, "insulin units")
    assert units["A4231"] == (1, "each")
    assert units["A4224"] == (7, "days")


@pytest.mark.parametrize(
    ("edition", "code", "value", "mai"),
    [
        ("dme", "J1817", 270, 3),
        ("dme", "A4224", 13, 2),
        ("dme", "A4231", 0, 3),
        ("dme", "E0784", 1, 2),
        ("dme", "J1815", 0, 3),
        ("practitioner", "J1817", 0, 3),
        ("outpatient_hospital", "A4231", 1, 3),
    ],
)
def test_unit_limits(reference: Reference, edition: str, code: str, value: int, mai: int) -> None:
    row = reference["mue"].frame.row(
        by_predicate=(pl.col("edition") == edition) & (pl.col("hcpcs_code") == code), named=True
    )
    assert (row["mue_value"], row["mai"]) == (value, mai)
    assert (row["valid_from"], row["valid_to"]) == (dt.date(2024, 7, 1), dt.date(2024, 9, 30))


@pytest.mark.parametrize(
    ("modifier", "first", "last"),
    [
        ("JK", dt.date(2023, 4, 1), None),
        ("JZ", dt.date(2023, 1, 1), None),
        ("GD", dt.date(2008, 1, 1), dt.date(2019, 12, 31)),
        ("JG", dt.date(2018, 1, 1), dt.date(2024, 12, 31)),
        ("52", None, None),
        ("00", None, None),
    ],
)
def test_modifiers(
    reference: Reference, modifier: str, first: dt.date | None, last: dt.date | None
) -> None:
    row = reference["modifiers"].frame.row(by_predicate=pl.col("modifier") == modifier, named=True)
    assert (row["valid_from"], row["valid_to"]) == (first, last)


def test_diagnoses(reference: Reference) -> None:
    support = dict(
        reference["diagnosis_support"].frame.select("diagnosis_code", "support").iter_rows()
    )
    assert support["E1065"] == "medicare_group1"
    assert support["E1110"] == "not_listed"
    assert support["Z794"] == support["Z9641"] == "secondary_support"
    assert support["E232"] == "contradicts"


@pytest.mark.parametrize("table", POLICIES)
def test_only_what_is_verified_and_general_is_an_error(reference: Reference, table: str) -> None:
    errors = reference[table].frame.filter(severity="error")
    assert set(errors["confidence"]) == {"verified"}
    if "plan_specific" in errors.columns:
        assert not errors["plan_specific"].any()


@pytest.mark.parametrize("table", POLICIES)
def test_policies_speak_of_codes_and_payers_on_file(reference: Reference, table: str) -> None:
    frame = reference[table].frame
    known = {"*", *reference["hcpcs"].frame["hcpcs_code"]}
    assert set(frame["codes"].explode()) <= known
    assert set(frame["payer"]) <= {"*", *reference["payers"].frame["payer"]}


def test_policies_ask_for_modifiers_in_force(reference: Reference) -> None:
    frame = reference["modifier_policies"].frame
    asked = frame.select(
        pl.concat_list("modifiers", "unless").alias("modifier"),
        pl.col("dos_from").fill_null(dt.date(2024, 1, 1)).alias("day"),
    ).explode("modifier")
    found = valid_on(
        reference["modifiers"], asked.lazy(), {"modifier": "modifier"}, "day", [], "m_"
    )
    assert found.collect()["m_in_force"].to_list() == [True] * asked.height


def test_licensees_of_policies_are_named_by_an_alias(reference: Reference) -> None:
    limits = reference["payer_policies"].frame
    assert set(limits["licensee"]) - {"*"} <= set(reference["payers"].frame["licensee"])
