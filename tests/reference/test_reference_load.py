"""The package's tables, a user's tables over them, and a user's policies on top."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from asking import valid_on

from claim_audit import resources
from claim_audit.errors import ClaimAuditError
from claim_audit.reference import TABLES, Reference

MUE = """\
edition,hcpcs_code,payer,mue_value,mai,rationale,valid_from,valid_to,release,source,confidence
dme,J1817,MEDICARE,280,3,,2026-07-01,2026-09-30,2026Q3,CMS MUE 2026Q3,verified
dme,J1817,MEDICARE,290,3,,2026-10-01,2026-12-31,2026Q4,CMS MUE 2026Q4,verified
"""
POLICY = """\
policy_id,rule_id,payer,line_of_business,codes,requirement,modifiers,unless,\
dos_from,dos_to,received_from,received_to,severity,text,release,source,confidence
{id},MD-14,{payer},*,A4230 A4231,require_any,NU,,\
{dos_from},,,,warning,New supplies bear NU.,2026,contract,verified
"""
LIMIT = """\
policy_id,rule_id,payer,line_of_business,licensee,network,codes,topic,value,unit,anchor,\
dos_from,dos_to,received_from,received_to,plan_specific,severity,text,release,source,confidence
our-limit,DT-05,AETNA,commercial,*,in,*,{topic},{value},{unit},{anchor},\
,,,,Y,error,Ours.,2026,contract,verified
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


Write = Callable[[str, str], Path]


def test_every_table_has_a_file_and_every_file_a_table() -> None:
    assert {path.stem for path in resources.reference_data().glob("*.csv")} == set(TABLES)


def test_describe_has_a_row_per_table(reference: Reference) -> None:
    described = reference.describe()
    assert described["table"].to_list() == list(TABLES)
    assert set(described["origin"]) == {"package"}
    mue = described.row(by_predicate=pl.col("table") == "mue", named=True)
    assert (mue["release"], mue["rows"], mue["complete"]) == ("2024Q3", 166, False)
    assert described["sha256"].str.contains(r"\A[0-9a-f]{64}\z").all()


def test_loading_twice_gives_the_same_hash(reference: Reference) -> None:
    assert Reference.load().sha256 == reference.sha256


def test_a_users_table_takes_the_place_of_ours(
    tmp_path: Path, file: Write, reference: Reference
) -> None:
    file("mue.csv", MUE)
    loaded = Reference.load(overlay=tmp_path)
    assert loaded["mue"].frame["mue_value"].to_list() == [280, 290]
    assert (loaded["mue"].origin, loaded["mue"].complete) == ("user", True)
    assert loaded["mue"].release == "2026Q3, 2026Q4"
    assert loaded["hcpcs"].sha256 == reference["hcpcs"].sha256
    assert loaded.sha256 != reference.sha256


def test_a_users_table_may_be_parquet(tmp_path: Path, file: Write) -> None:
    csv = file("mue.csv", MUE)
    as_csv = Reference.load(overlay=tmp_path)
    pl.read_csv(csv, try_parse_dates=True).write_parquet(tmp_path / "mue.parquet")
    csv.unlink()
    assert Reference.load(overlay=tmp_path)["mue"].sha256 == as_csv["mue"].sha256


def test_a_users_unit_limits_are_full_for_their_edition_and_quarters(
    tmp_path: Path, file: Write
) -> None:
    file("mue.csv", MUE)
    lines = pl.LazyFrame(
        {
            "code": ["A4231"] * 4,
            "edition": ["dme", "dme", "dme", "practitioner"],
            "payer": ["MEDICARE", "MEDICARE", "CIGNA", "MEDICARE"],
            "day": ["2026-08-01", "2024-08-01", "2026-08-01", "2026-08-01"],
        }
    ).with_columns(pl.col("day").str.to_date(), n=pl.int_range(pl.len()))
    keys = {"code": "hcpcs_code", "edition": "edition", "payer": "payer"}
    mue = Reference.load(overlay=tmp_path)["mue"]
    found = valid_on(mue, lines, keys, "day", ["mue_value"], "mue_").collect().sort("n")
    assert found["mue_covered"].to_list() == [True, False, False, False]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("meu.csv", MUE, "no reference table has this name.*did you mean 'mue'"),
        ("mue.csv", MUE.replace(",280,", ",-1,"), "column 'mue_value' has the wrong shape"),
        ("mue.csv", MUE.replace("290,3", "290,4"), "column 'mai' holds a word"),
        ("mue.csv", MUE.replace("2026-10-01", "2026-09-30"), "two rows of the same edition"),
        ("mue.csv", MUE.replace("MEDICARE,280", "Medicare,280"), "column 'payer' has the wrong"),
        ("readme.txt", "", "no reference tables in this folder"),
    ],
)
def test_a_folder_that_cannot_be_used(
    tmp_path: Path, file: Write, name: str, content: str, what: str
) -> None:
    file(name, content)
    with pytest.raises(ClaimAuditError, match=what):
        Reference.load(overlay=tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match="no reference tables in this folder"):
        Reference.load(overlay=tmp_path / "nowhere")


def test_a_table_as_csv_and_as_parquet(tmp_path: Path, file: Write) -> None:
    pl.read_csv(file("mue.csv", MUE)).write_parquet(tmp_path / "mue.parquet")
    with pytest.raises(ClaimAuditError, match="as CSV and as Parquet"):
        Reference.load(overlay=tmp_path)


def test_a_users_policies_lie_on_top(file: Write, reference: Reference) -> None:
    mine = file("mine.csv", POLICY.format(id="ours", payer="CIGNA", dos_from=""))
    loaded = Reference.load(policies=[mine])["modifier_policies"]
    assert loaded.frame.height == reference["modifier_policies"].frame.height + 1
    assert loaded.origin == "package and user"
    row = loaded.frame.row(by_predicate=pl.col("policy_id") == "ours", named=True)
    assert (row["origin"], row["codes"]) == ("user", ["A4230", "A4231"])


def test_the_two_kinds_of_policy_are_told_apart(file: Write) -> None:
    limit = LIMIT.format(topic="timely_filing", value="60", unit="days", anchor="service_from_date")
    files = [
        file("a.csv", POLICY.format(id="ours", payer="CIGNA", dos_from="")),
        file("b.csv", limit),
    ]
    loaded = Reference.load(policies=files)
    assert "ours" in loaded["modifier_policies"].frame["policy_id"]
    assert "our-limit" in loaded["payer_policies"].frame["policy_id"]


def test_a_user_replaces_a_policy_by_its_id(file: Write, reference: Reference) -> None:
    name = "medicare-status-exclusive"
    mine = file("mine.csv", POLICY.format(id=name, payer="MEDICARE", dos_from=""))
    frame = Reference.load(policies=[mine])["modifier_policies"].frame
    assert frame.height == reference["modifier_policies"].frame.height
    assert frame.filter(policy_id=name)["requirement"].to_list() == ["require_any"]


def test_a_user_beats_the_package_on_a_tie_and_not_otherwise(file: Write) -> None:
    files = [
        file("a.csv", POLICY.format(id="general", payer="*", dos_from="")),
        file("b.csv", POLICY.format(id="cigna", payer="CIGNA", dos_from="")),
    ]
    frame = Reference.load(policies=files)["modifier_policies"].frame
    rank = dict(frame.select("policy_id", "specificity").iter_rows())
    assert rank["general"] == rank["procedure-modifier-on-supply"] + 1
    assert rank["cigna"] > rank["general"]
    assert rank["medicare-status-pump-insulin"] > rank["cigna"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"topic": "timely_filing", "unit": "weeks"}, "column 'unit' does not fit column 'topic'"),
        ({"topic": "timely_filing", "anchor": ""}, "column 'anchor' does not fit column 'topic'"),
        ({"topic": "dispense_limit", "value": ""}, "column 'value' does not fit column 'topic'"),
        ({"topic": "place_of_service"}, "column 'topic' holds a word it may not hold"),
    ],
)
def test_a_limit_that_says_too_little(file: Write, change: dict[str, str], what: str) -> None:
    words = {"topic": "", "value": "60", "unit": "days", "anchor": "service_from_date"} | change
    with pytest.raises(ClaimAuditError, match=what):
        Reference.load(policies=[file("limit.csv", LIMIT.format(**words))])


def test_a_policy_file_of_no_known_kind(file: Write) -> None:
    with pytest.raises(ClaimAuditError, match="not a policy file"):
        Reference.load(policies=[file("odd.csv", "policy_id,rule\nx,y\n")])


def test_code_ranges_are_not_codes(file: Write) -> None:
    text = POLICY.format(id="ours", payer="CIGNA", dos_from="").replace(
        "A4230 A4231", "A4230-A4232"
    )
    with pytest.raises(ClaimAuditError, match="column 'codes' has the wrong shape"):
        Reference.load(policies=[file("mine.csv", text)])


def test_one_policy_twice_in_two_files_of_the_user(file: Write) -> None:
    files = [
        file("a.csv", POLICY.format(id="ours", payer="CIGNA", dos_from="")),
        file("b.csv", POLICY.format(id="ours", payer="AETNA", dos_from="2026-01-01")),
    ]
    with pytest.raises(ClaimAuditError, match=r"same policy_id .* b\.csv record 1"):
        Reference.load(policies=files)
