"""From the names of an extract to the payer and its line of business."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claim_audit import resources
from claim_audit.errors import ClaimAuditError
from claim_audit.reference import Reference, normalise, resolve
from claim_audit.reference.payers import INPUTS


def resolved(reference: Reference, **given: str | None) -> dict[str, object]:
    names = pl.DataFrame([given], schema=dict.fromkeys(INPUTS, pl.String))
    return resolve(names, reference).row(0, named=True)


def normalised(name: str) -> str | None:
    text: str | None = pl.select(normalise(pl.lit(name))).item()
    return text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (" Aetna,  Inc. ", "AETNA"),
        ("Blue Cross & Blue Shield", "BLUE CROSS AND BLUE SHIELD"),
        ("Cigna-HealthSpring", "CIGNA HEALTHSPRING"),
        ("ＡＥＴＮＡ", "AETNA"),
        ("UnitedHealthcare® Insurance Co.", "UNITEDHEALTHCARE INSURANCE"),
        ("Aetna U.S. Healthcare", "AETNA US HEALTHCARE"),
        ("medicare_ffs", "MEDICARE FFS"),
        ("Inc", "INC"),
        ("--", None),
        ("", None),
    ],
)
def test_spelling_is_evened_out(name: str, text: str | None) -> None:
    assert normalised(name) == text


def test_every_alias_leads_to_its_payer(reference: Reference) -> None:
    aliases = reference["payers"].frame.filter(alias_type="name")
    found = resolve(aliases.select(payer_name="alias"), reference)
    assert found["payer"].to_list() == aliases["payer"].to_list()
    assert found["lob"].to_list() == aliases["line_of_business"].to_list()
    assert found["licensee"].to_list() == aliases["licensee"].to_list()
    assert found["ambiguous"].to_list() == aliases["ambiguous"].to_list()
    assert found["recognised"].all()
    assert set(found["how"]) == {"name"}


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_noise_does_not_change_the_payer(reference: Reference, data: st.DataObject) -> None:
    aliases = reference["payers"].frame.filter(alias_type="name")
    alias, payer = data.draw(st.sampled_from(aliases.select("alias", "payer").rows()))
    space = data.draw(st.sampled_from([" ", "  ", "\t", "\u00a0", " - "]))
    ending = data.draw(st.sampled_from(["", ".", ", Inc.", " LLC", " ", "®"]))
    case = data.draw(st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
    noisy = " " + case(alias).replace(" ", space) + ending
    assert resolved(reference, payer_name=noisy)["payer"] == payer


@pytest.mark.parametrize(
    ("name", "payer", "lob", "licensee"),
    [
        ("Aetna Medicare", "AETNA", "medicare_advantage", None),
        ("Aetna Better Health", "AETNA", "medicaid_managed", None),
        ("AETNA BETTER HEALTH OF TEXAS", "AETNA", "medicaid_managed", None),
        ("UHC Medicare", "UNITEDHEALTHCARE", "medicare_advantage", None),
        ("BCBS Federal Employee", "BLUE_CROSS_BLUE_SHIELD", "commercial_fehb", None),
        ("Regence BlueShield", "BLUE_CROSS_BLUE_SHIELD", "commercial", "REGENCE"),
        ("Empire BCBS", "BLUE_CROSS_BLUE_SHIELD", "commercial", "ANTHEM NY"),
        ("Blue Cross & Blue Shield of Texas", "BLUE_CROSS_BLUE_SHIELD", "commercial", "BCBS TEXAS"),
        ("BlueCross/BlueShield of Guam", "BLUE_CROSS_BLUE_SHIELD", "commercial", None),
        ("Anthem BlueCross BlueShield of Ohio", "BLUE_CROSS_BLUE_SHIELD", "commercial", "ANTHEM"),
        ("BCBS MA", "BLUE_CROSS_BLUE_SHIELD", "commercial", "BCBS MASSACHUSETTS"),
    ],
)
def test_names(reference: Reference, name: str, payer: str, lob: str, licensee: str | None) -> None:
    found = resolved(reference, payer_name=name)
    assert (found["payer"], found["lob"], found["licensee"]) == (payer, lob, licensee)
    assert found["ambiguous"] is False


@pytest.mark.parametrize(
    "name", ["Humana", "Medi-Care Rx", "Aetnaville Trust", "UNKNOWN", "Medicaid", "?", None]
)
def test_the_unknown_stays_unknown(reference: Reference, name: str | None) -> None:
    found = resolved(reference, payer_name=name)
    assert (found["payer"], found["recognised"], found["how"]) == (None, False, None)
    assert found["ambiguous"] is False


def test_a_prefix_alone_is_no_name(reference: Reference) -> None:
    assert resolved(reference, payer_name="BCBS of")["payer"] is None


def test_a_bare_medicare_is_what_the_setting_says_and_ambiguous(reference: Reference) -> None:
    names = pl.DataFrame({"payer_name": ["Medicare", "MEDICARE PART B"]})
    as_set = resolve(names, reference, bare_medicare="medicare_advantage")
    assert as_set["lob"].to_list() == ["medicare_advantage", "medicare_ffs"]
    assert as_set["ambiguous"].to_list() == [True, False]
    assert resolve(names, reference)["lob"].to_list() == ["medicare_ffs", "medicare_ffs"]


def test_the_setting_for_a_bare_medicare_is_checked(reference: Reference) -> None:
    with pytest.raises(ClaimAuditError, match="bare Medicare"):
        resolve(pl.DataFrame({"payer_name": ["Medicare"]}), reference, bare_medicare="commercial")


@pytest.mark.parametrize(
    ("given", "lob"),
    [
        ({"line_of_business": "Medicare Advantage"}, "medicare_advantage"),
        ({"line_of_business": "MA"}, "medicare_advantage"),
        ({"line_of_business": "Medicare FFS"}, "medicare_ffs"),
        ({"line_of_business": "medicare_ffs"}, "medicare_ffs"),
        ({"line_of_business": "HMO commercial"}, "commercial"),
        ({"plan_name": "Medicare Advantage Choice"}, "medicare_advantage"),
        ({"plan_name": "MA PPO"}, "medicare_advantage"),
        ({"plan_name": "Part C"}, "medicare_advantage"),
        ({"plan_name": "Part B"}, "medicare_ffs"),
        ({"claim_filing_indicator": "16"}, "medicare_advantage"),
        ({"claim_filing_indicator": "mb"}, "medicare_ffs"),
        ({"line_of_business": "Medicare FFS", "plan_name": "MA PPO"}, "medicare_ffs"),
    ],
)
def test_what_explains_a_bare_medicare(
    reference: Reference, given: dict[str, str], lob: str
) -> None:
    found = resolved(reference, payer_name="Medicare", **given)
    assert (found["payer"], found["lob"], found["ambiguous"]) == ("MEDICARE", lob, False)


@pytest.mark.parametrize("given", [{"line_of_business": "Medicare"}, {"plan_name": "Standard"}])
def test_what_does_not_explain_a_bare_medicare(reference: Reference, given: dict[str, str]) -> None:
    assert resolved(reference, payer_name="Medicare", **given)["ambiguous"] is True


@pytest.mark.parametrize(
    ("name", "given", "lob"),
    [
        ("Aetna", {"plan_name": "Aetna Medicare Advantage PPO"}, "medicare_advantage"),
        ("Cigna", {"line_of_business": "Medicare"}, "medicare_advantage"),
        ("UHC", {"claim_filing_indicator": "16"}, "medicare_advantage"),
        ("BCBS", {"plan_name": "Federal Employee Program"}, "commercial_fehb"),
        ("UHC", {"plan_name": "Community Plan"}, "medicaid_managed"),
        ("Aetna", {"claim_filing_indicator": "MB"}, "commercial"),
        ("BCBS MA", {"plan_name": "HMO Blue"}, "commercial"),
        ("Aetna Medicare", {"line_of_business": "Commercial"}, "commercial"),
        ("CGS Administrators", {"plan_name": "MA PPO"}, "medicare_ffs"),
        ("Humana", {"plan_name": "Medicare Advantage"}, "medicare_advantage"),
        ("Humana Medicare Advantage", {}, "medicare_advantage"),
    ],
)
def test_the_line_of_business_of_other_payers(
    reference: Reference, name: str, given: dict[str, str], lob: str
) -> None:
    assert resolved(reference, payer_name=name, **given)["lob"] == lob


@pytest.mark.parametrize(
    ("given", "payer", "lob", "how"),
    [
        ({"payer_id": "62308"}, "CIGNA", None, "payer_id"),
        ({"payer_name": "Some Plan", "payer_id": " 62308 "}, "CIGNA", None, "payer_id"),
        ({"payer_name": "Aetna", "payer_id": "62308"}, "AETNA", "commercial", "name"),
        ({"claim_filing_indicator": "MB"}, "MEDICARE", "medicare_ffs", "filing indicator"),
        ({"claim_filing_indicator": "BL"}, "BLUE_CROSS_BLUE_SHIELD", None, "filing indicator"),
        ({"claim_filing_indicator": "16"}, None, "medicare_advantage", None),
        ({"line_of_business": "Original Medicare"}, "MEDICARE", "medicare_ffs", "declared"),
        ({"line_of_business": "MA"}, None, "medicare_advantage", None),
    ],
)
def test_what_stands_in_for_a_name(
    reference: Reference, given: dict[str, str], payer: str | None, lob: str | None, how: str | None
) -> None:
    found = resolved(reference, **given)
    assert (found["payer"], found["lob"], found["how"]) == (payer, lob, how)
    assert found["recognised"] is (payer is not None)


def test_rows_and_their_order_are_kept(reference: Reference) -> None:
    names = pl.DataFrame({"payer_name": ["x", "Cigna", None, "Medicare", "Cigna"], "n": range(5)})
    found = resolve(names, reference)
    assert found["n"].to_list() == [0, 1, 2, 3, 4]
    assert found["payer"].to_list() == [None, "CIGNA", None, "MEDICARE", "CIGNA"]
    assert resolve(names.clear(), reference).height == 0


def test_spellings_of_one_name_may_not_lead_to_two_payers(tmp_path: Path) -> None:
    ours = (resources.reference_data() / "payers.csv").read_text(encoding="utf-8")
    row = "aetna inc.,name,CIGNA,commercial,N,,,,2026,contract,verified\n"
    (tmp_path / "payers.csv").write_text(ours + row, encoding="utf-8")
    with pytest.raises(ClaimAuditError, match="payer names lead to two payers"):
        resolve(pl.DataFrame({"payer_name": ["Aetna"]}), Reference.load(overlay=tmp_path))
