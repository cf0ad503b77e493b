"""What a clean sample must look like, said apart from the code that makes it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars import col

from claim_audit import resources
from claim_audit.sample.payers import BOOKS

INSULIN = ["J1811", "J1813", "J1817"]
SETS = ["A4230", "A4231"]
LETTER = "[AC-HJKMNP-RT-Y]"
EITHER = "[0-9AC-HJKMNP-RT-Y]"
CARD = rf"\A[1-9]{LETTER}{EITHER}[0-9]{LETTER}{EITHER}[0-9]{LETTER}{{2}}[0-9]{{2}}\z"

medicare = col("line_of_business") == "medicare_ffs"
start, end = col("service_from_date"), col("service_to_date")
span = (end - start).dt.total_days() + 1
original = col("claim_frequency_code") == "1"
modifiers = pl.concat_list([f"modifier_{n}" for n in range(1, 5)]).list.drop_nulls()


def has(*wanted: str) -> pl.Expr:
    return pl.any_horizontal(modifiers.list.contains(modifier) for modifier in wanted)


def live(claims: pl.DataFrame) -> pl.DataFrame:
    """Claims that were neither voided nor replaced."""
    gone = claims["payer_claim_control_number"].drop_nulls().implode()
    return claims.filter(~col("claim_id").is_in(gone), col("claim_frequency_code") != "8")


def luhn(npi: str) -> bool:
    digits = [int(digit) for digit in reversed("80840" + npi)]
    doubled = [sum(divmod(2 * d, 10)) if n % 2 else d for n, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


def none(claims: pl.DataFrame, broken: pl.Expr) -> None:
    assert claims.filter(broken).is_empty()


def test_every_payer_and_line_of_business_is_there(clean: pl.DataFrame) -> None:
    assert set(clean["payer_name"]) == {name for book in BOOKS for name in book.spellings}
    assert set(clean["line_of_business"]) == {book.line_of_business for book in BOOKS}


def test_what_belongs_to_a_member_stays(clean: pl.DataFrame) -> None:
    steady = ["payer_name", "line_of_business", "billing_npi", "ordering_npi", "member_birth_date"]
    counts = clean.group_by("member_id").agg(col(steady).n_unique())
    assert counts.select(pl.max_horizontal(steady)).max().item() == 1


@pytest.mark.parametrize("column", ["billing_npi", "ordering_npi"])
def test_npis_hold(clean: pl.DataFrame, column: str) -> None:
    assert all(luhn(npi) for npi in clean[column].unique())
    assert clean[column].n_unique() > 300


def test_suppliers_do_not_order_for_themselves(clean: pl.DataFrame) -> None:
    assert set(clean["billing_npi"]).isdisjoint(clean["ordering_npi"])


def test_medicare_numbers_have_their_shape_and_others_do_not(clean: pl.DataFrame) -> None:
    none(clean, col("member_id").str.contains(CARD) != medicare)


def test_lines_count_from_one_without_gaps(clean: pl.DataFrame) -> None:
    number = col("claim_line_number")
    claims = clean.group_by("claim_id").agg(
        pl.len().alias("lines"), number.n_unique().alias("different"), number.max().alias("last")
    )
    none(claims, (col("lines") != col("different")) | (col("lines") != col("last")))
    assert set(claims["lines"]) == {1, 2, 3, 4}


def test_codes_are_in_force(clean: pl.DataFrame) -> None:
    dated = pl.read_csv(resources.reference_data() / "hcpcs.csv", infer_schema=False).select(
        "hcpcs_code", col("valid_from", "valid_to").str.to_date()
    )
    known = clean.join(dated, on="hcpcs_code")
    assert known.height == clean.height
    none(known, (start < col("valid_from")) | (start > col("valid_to")))


def test_medicare_gets_its_own_codes_and_modifiers(clean: pl.DataFrame) -> None:
    none(clean, medicare & col("hcpcs_code").is_in(["A4230", "A4231", "A4232"]))
    supply = col("hcpcs_code").is_in(["A4224", "A4225"]) & (start >= date(2023, 1, 1))
    insulin = col("hcpcs_code").is_in(INSULIN)
    needs_status = supply | insulin | (col("hcpcs_code") == "E0784")
    none(clean, medicare & needs_status & ~has("KX"))
    none(clean, medicare & insulin & (start >= date(2023, 5, 1)) & ~has("JK", "JL"))
    none(clean, (start < date(2023, 4, 1)) & has("JK", "JL"))
    window = start.is_between(date(2023, 5, 1), date(2023, 6, 30))
    none(clean, window & has("JL"))
    none(clean, has("JK") & (span > 34) | has("JL") & span.is_between(2, 75))
    rental = medicare & (col("hcpcs_code") == "E0784")
    none(clean, rental & ~(has("RR") & has("KH", "KI", "KJ")))


def test_doses_and_sets_are_plausible(clean: pl.DataFrame) -> None:
    days = pl.coalesce("days_supply", span)
    dose = col("units") * 50 / days
    none(clean, col("hcpcs_code").is_in(INSULIN) & ~dose.is_between(15, 145))
    none(clean, col("hcpcs_code").is_in(SETS) & ~(col("units") / days).is_between(0.2, 0.6))
    weeks = (days / 7).ceil() + 1
    none(clean, (col("hcpcs_code") == "A4224") & ((col("units") > weeks) | (col("units") > 13)))
    none(clean, (col("units") <= 0) | (col("units") % 1 != 0))


@pytest.mark.parametrize(("codes", "limit"), [(SETS, 45), (INSULIN, 270)])
def test_ninety_days_hold_no_more_than_expected(
    clean: pl.DataFrame, codes: list[str], limit: int
) -> None:
    used = live(clean).filter(col("hcpcs_code").is_in(codes)).select("member_id", start, "units")
    back = (start - col("service_from_date_right")).dt.total_days()
    window = used.join(used, on="member_id").filter(back.is_between(0, 90))
    totals = window.group_by("member_id", start).agg(col("units_right").sum())
    assert totals["units_right"].max() <= limit


def test_refills_come_no_earlier_than_allowed(clean: pl.DataFrame) -> None:
    fills = (
        live(clean)
        .filter(col("hcpcs_code").is_in(["A4224", "A4225", "A4230", "A4231", "A4232", *INSULIN]))
        .with_columns(pl.coalesce("days_supply", span).alias("days"))
        .sort("member_id", "hcpcs_code", "service_from_date")
    )
    left = col("days").shift() - start.diff().dt.total_days()
    early = fills.select(left.over("member_id", "hcpcs_code").alias("left"))
    assert early["left"].max() <= 10
    assert early.filter(col("left") > 0).height > 0


def test_insulin_comes_with_supplies(clean: pl.DataFrame) -> None:
    claims = clean.group_by("claim_id").agg(
        col("hcpcs_code").is_in(INSULIN).any().alias("insulin"),
        col("hcpcs_code").is_in(["A4224", *SETS]).any().alias("sets"),
    )
    none(claims, col("insulin") & ~col("sets"))
    assert claims["insulin"].any()


def test_dates_follow_each_other(clean: pl.DataFrame) -> None:
    none(clean, (start > end) | (col("received_date") < start))
    none(clean, col("paid_date") <= col("received_date"))
    none(clean, (start < date(2022, 7, 1)) | (end > date(2025, 6, 30)))
    none(clean, span > 92)
    wait = (col("received_date") - start).dt.total_days()
    limit = pl.when(medicare).then(364).otherwise(89)
    none(clean, original & (wait > limit))
    none(clean, col("days_supply").is_null() & (end > col("received_date")))


def test_money_adds_up(clean: pl.DataFrame) -> None:
    charge, allowed, paid = (col(f"{name}_amount") for name in ("charge", "allowed", "paid"))
    shared = col("deductible_amount") + col("coinsurance_amount")
    none(clean, (charge <= 0) | (allowed > charge) | (paid > allowed))
    none(clean, (col("claim_frequency_code") != "8") & ((allowed - paid - shared).abs() > 0.001))
    capped = medicare & col("hcpcs_code").is_in(INSULIN) & (start >= date(2023, 7, 1))
    cap = pl.when(has("JL")).then(105).otherwise(35)
    none(clean, capped & (col("coinsurance_amount") > cap))
    none(clean, capped & (col("deductible_amount") != 0))
    month = clean.filter(capped & has("JK")).group_by("member_id", start.dt.truncate("1mo"))
    assert month.agg(col("coinsurance_amount").sum())["coinsurance_amount"].max() <= 35


def test_diagnoses_are_on_the_medicare_list(clean: pl.DataFrame) -> None:
    support = pl.read_csv(
        resources.reference_data() / "diagnosis_support.csv", infer_schema=False
    ).filter(col("support") == "medicare_group1")
    used = clean["diagnosis_code_1"].unique().str.replace_all(".", "", literal=True)
    assert set(used) <= set(support["diagnosis_code"])


def test_medicare_places_are_home(clean: pl.DataFrame) -> None:
    assert set(clean["place_of_service"]) <= {"01", "12", "13", "33"}


def test_changes_name_the_claim_they_change(clean: pl.DataFrame) -> None:
    changes = clean.filter(~original)
    assert set(changes["claim_frequency_code"]) == {"7", "8"}
    assert changes["payer_claim_control_number"].null_count() == 0
    assert clean.filter(original)["payer_claim_control_number"].is_null().all()
    named = clean.select("claim_id", "member_id").unique()
    found = changes.join(
        named, left_on=["payer_claim_control_number", "member_id"], right_on=named.columns
    )
    assert found.height == changes.height


def test_no_service_stands_on_two_live_claims(clean: pl.DataFrame) -> None:
    keys = ["member_id", "hcpcs_code", "service_from_date", "billing_npi"]
    assert not live(clean).select(pl.struct(keys).is_duplicated().any()).item()
