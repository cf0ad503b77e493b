"""The commands that show what the program knows: rules, codes, layouts, reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from cli_claims import CLEAN, SECRET, csv
from typer.testing import Result

from claim_audit.ingest.layouts import builtin, load
from claim_audit.reference.tables import TABLES
from claim_audit.rules.registry import all_rules

Call = Callable[..., Result]

COMMANDS = (
    ["run"],
    ["rules"],
    ["rule"],
    ["code"],
    ["layouts"],
    ["layout", "suggest"],
    ["reference", "list"],
    ["sample"],
)


def shown(result: Result) -> str:
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(call: Call, command: list[str]) -> None:
    help_text = " ".join(shown(call(*command, "--help")).split())

    assert f"Example: claim-audit {' '.join(command)} " in help_text


def test_the_help_of_run_names_the_exit_codes(call: Call) -> None:
    help_text = " ".join(shown(call("run", "--help")).split())

    assert all(f"{code} " in help_text.split("Exit codes:")[1] for code in range(4))


@pytest.mark.parametrize("args", [[], ["layout"], ["reference"]], ids=["program", "layout", "ref"])
def test_without_a_command_the_help_is_shown_and_it_is_2(call: Call, args: list[str]) -> None:
    result = call(*args)

    assert result.exit_code == 2
    assert "Commands" in result.output
    assert "claim-audit: " not in result.stderr


def test_a_wrong_command_names_the_right_one(call: Call) -> None:
    assert "Did you mean 'rules'" in refused(call("ruls"))


# rules


def test_rules_are_one_row_each(call: Call) -> None:
    rows = shown(call("rules")).splitlines()[1:]

    assert [row.split()[0] for row in rows] == list(all_rules())
    assert [row.split()[1] for row in rows] == [rule.name for rule in all_rules().values()]


def test_rules_can_be_filtered(call: Call) -> None:
    rows = shown(call("rules", "--category", "place of service", "--severity", "warning"))

    assert [row.split()[0] for row in rows.splitlines()[1:]] == ["PS-03"]
    assert "did you mean 'units'" in refused(call("rules", "--category", "unit"))
    assert "--severity" in refused(call("rules", "--severity", "grave"))


def test_rules_as_json(call: Call) -> None:
    rules = {rule["id"]: rule for rule in json.loads(shown(call("rules", "--json")))}

    assert list(rules) == list(all_rules())
    assert rules["UN-05"]["params"]["warn_above"] == 150
    assert rules["UN-12"]["default"] is False


@pytest.mark.parametrize("name", ["UN-05", "un-05", "units.daily-dose-implausible"])
def test_a_rule_has_a_page_under_each_of_its_names(call: Call, name: str) -> None:
    page = shown(call("rule", name))

    assert page.startswith("UN-05  units.daily-dose-implausible\n")
    assert all(line in page for line in all_rules()["UN-05"].doc.splitlines())
    assert "[params.UN-05]" in page
    assert "warn_above = 150" in page
    assert "read on every line, else the line is not evaluated: units, days" in page


@pytest.mark.parametrize("rule_id", list(all_rules()))
def test_every_rule_has_a_page(call: Call, rule_id: str) -> None:
    page = shown(call("rule", rule_id))

    assert {"What it checks", "Known false positives", "Rests on"} <= set(page.splitlines())


@pytest.mark.parametrize(
    ("name", "near"), [("UN-0", "UN-0"), ("units.daily-dose", "units.daily-dose-implausible")]
)
def test_an_unknown_rule_names_the_nearest(call: Call, name: str, near: str) -> None:
    assert f"did you mean '{near}" in refused(call("rule", name))


# codes


def facts(call: Call, code: str, *args: str) -> dict[str, dict[str, str]]:
    """Section → name of the fact → what it says."""
    sheet = json.loads(shown(call("code", code, "--json", *args)))
    return {
        section["title"]: {fact["name"]: fact["says"] for fact in section["facts"]}
        for section in sheet["sections"]
    }


def test_the_sheet_of_a4231_answers_every_point_of_its_reference(call: Call) -> None:
    sheet = facts(call, "a4231", "--on", "2024-08-15")

    assert sheet["What one unit is"]["unit"] == "each infusion set"
    assert sheet["Service type"]["role"].startswith("accessory of durable medical equipment")
    assert "12 Home" in sheet["Usual sites"]["usual places of service"]
    assert "Outpatient Hospital" in sheet["Usual sites"]["facilities, where it is not payable"]
    assert "49 Independent Clinic" in sheet["Usual sites"]["unusual places of service"]
    assert "not taken (MUE 0)" in sheet["Usual sites"]["billed by DME suppliers"]
    use = sheet["Expected use"]
    assert use["change"] == "every 2 to 3 days"
    assert use["in 30 days"] == "10 to 15 units"
    assert use["in 90 days"] == "30 to 45 units"
    assert sheet["Benchmarks"]["use by others"] == "not known"
    assert sheet["Taxonomies"]["suppliers' taxonomy codes"] == "not known"
    assert "E10 (84 codes)" in sheet["Diagnoses"]["support it for Medicare"]
    assert {"A4224", "A4230", "E0784", "J1817"} <= sheet["Related codes"].keys()


def test_the_sheet_of_a4231_says_where_page_and_medicare_disagree(call: Call) -> None:
    sheet = facts(call, "A4231", "--on", "2024-08-15")

    assert sheet["Modifiers"]["00 means none"].startswith("No modifier")
    both = sheet["Modifiers"]["any payer, none of 52"]
    assert "procedure was reduced" in both
    assert "part of the ordered quantity" in both or "part of an ordered quantity" in both
    payers = sheet["Payers"]
    assert payers["MEDICARE takes the code"].startswith("no")
    assert "A4224" in payers["MEDICARE medicare_ffs, code not accepted"]
    assert payers["AETNA takes the code"].startswith("not known")
    names = ("AETNA", "BLUE_CROSS_BLUE_SHIELD", "CIGNA", "MEDICARE", "UNITEDHEALTHCARE")
    assert all(f"{name} takes the code" in payers for name in names)


def test_the_sheet_of_j1817_answers_every_point_of_its_reference(call: Call) -> None:
    sheet = facts(call, "J1817", "--on", "2024-08-15")

    assert sheet["What one unit is"]["1 billed unit"].startswith(
        "50 insulin units; billed in steps"
    )
    assert sheet["Service type"]["role"].startswith("drug supplied for durable medical equipment")
    assert "12 Home" in sheet["Usual sites"]["usual places of service"]
    assert "up to 270 units" in sheet["Usual sites"]["billed by DME suppliers"]
    assert "00 means none" in sheet["Modifiers"]
    assert "MEDICARE medicare_ffs, one of JK JL" in sheet["Modifiers"]
    use = sheet["Expected use"]
    assert use["in 90 days"] == "18 to 270 units"
    assert use["interim supply after a pump was replaced"] == "not known"
    assert use["resumed therapy after a hospital stay"] == "not known"
    assert any(name.startswith("refill") for name in use)
    limit = sheet["Unit limits of Medicare (MUE)"]["edition for DME suppliers"]
    assert "270 units, MAI 3" in limit
    assert "2024Q3" in limit
    assert "not in force" not in limit
    assert "UN-05 units.daily-dose-implausible" in sheet["Rules that judge it"]
    assert "UN-14 units.sets-a-day" not in sheet["Rules that judge it"]


def test_policies_follow_the_date(call: Call) -> None:
    before = facts(call, "J1817", "--on", "2023-04-30")["Modifiers"]
    within = facts(call, "J1817", "--on", "2023-06-15")["Modifiers"]
    after = facts(call, "J1817", "--on", "2023-07-01")["Modifiers"]

    assert not any("one of JK" in name and "most" not in name for name in before)
    assert any("none of JL" in name for name in within)
    assert "MEDICARE medicare_ffs, one of JK JL" in after
    assert not any("none of JL" in name for name in after)


def test_a_limit_of_another_quarter_says_so(call: Call) -> None:
    limits = facts(call, "J1817", "--on", "2025-01-15")["Unit limits of Medicare (MUE)"]

    assert "not in force on 2025-01-15" in limits["edition for DME suppliers"]


def test_facts_have_numbered_sources(call: Call) -> None:
    page = shown(call("code", "J1817", "--on", "2024-08-15"))

    assert "J1817  on 2024-08-15" in page
    assert "[1] CMS HCPCS Level II 2026-01" in page.split("\nSources\n")[1]


def test_a_user_policy_appears_on_the_sheet(call: Call, place: Path) -> None:
    (place / "mine.csv").write_text(
        "policy_id,rule_id,payer,line_of_business,licensee,network,codes,topic,value,unit,anchor,"
        "dos_from,dos_to,received_from,received_to,plan_specific,severity,text,release,source,"
        "confidence\nmine,UN-24,CIGNA,commercial,*,any,A4231,quantity_limit,40,units_per_90_days,"
        ",,,,,Y,warning,Forty sets a quarter.,2026,my contract,verified\n"
    )

    payers = facts(call, "A4231", "--policy", "mine.csv")["Payers"]

    name = "CIGNA commercial, quantity limit 40 units per 90 days"
    assert payers[name] == "Forty sets a quarter."


@pytest.mark.parametrize(
    ("code", "said"),
    [("A42311", "is no HCPCS code"), ("A4239X", "is no HCPCS code"), ("Z9999", "hold nothing")],
)
def test_a_code_that_is_none_or_not_known(call: Call, code: str, said: str) -> None:
    assert said in refused(call("code", code))


@pytest.mark.parametrize("code", ["A4253", "E0784", "K0601", "J1815", "A4224", "A4226"])
def test_other_codes_have_sheets_too(call: Call, code: str) -> None:
    sheet = facts(call, code, "--on", "2024-08-15")

    assert all(sheet.values())
    assert sheet["Code"]["description"] != "not known"


# layouts


def test_layouts_are_listed(call: Call) -> None:
    rows = shown(call("layouts")).splitlines()[1:]

    assert [row.split()[0] for row in rows] == sorted(builtin())


@pytest.mark.parametrize("name", sorted(builtin()))
def test_a_layout_shows_every_column_it_maps(call: Call, name: str) -> None:
    page = shown(call("layouts", name))

    layout = builtin()[name]
    repeated = layout.repeat.columns if layout.repeat else {}
    assert {*layout.columns, *layout.constants, *repeated} <= set(page.split())
    assert json.loads(shown(call("layouts", name, "--json")))["name"] == name


def test_an_unknown_layout_names_the_nearest(call: Call) -> None:
    assert "did you mean 'lds-dme'" in refused(call("layouts", "lds-dm"))


def test_suggest_drafts_a_layout_that_loads_and_shows_no_cell(call: Call, place: Path) -> None:
    text = csv({**CLEAN, "service_from_date": "08/31/2024"})
    (place / "odd.csv").write_text(text.replace("hcpcs_code", "Procedure Code"))

    draft = shown(call("layout", "suggest", "odd.csv"))

    (place / "mine.toml").write_text(draft)
    layout = load(place / "mine.toml")
    assert layout.date_formats == ("%m/%d/%Y",)
    assert layout.columns["hcpcs_code"] == ("Procedure Code",)
    assert SECRET not in draft


def test_suggest_reads_parquet(call: Call, place: Path) -> None:
    frame = pl.DataFrame({name: [cell] for name, cell in CLEAN.items()})
    frame.write_parquet(place / "claims.parquet")

    draft = shown(call("layout", "suggest", "claims.parquet"))

    assert 'formats = ["%Y-%m-%d"]' in draft
    assert SECRET not in draft


def test_suggest_wants_one_file(call: Call, place: Path, claims: Path, faulty: Path) -> None:
    assert "this is more than one file" in refused(call("layout", "suggest", place))
    assert "no such file" in refused(call("layout", "suggest", "nowhere.csv"))


def test_suggest_refuses_a_file_without_a_header_and_shows_no_cell(call: Call, place: Path) -> None:
    (place / "bare.csv").write_text(csv(CLEAN).splitlines()[1] + "\n")

    message = refused(call("layout", "suggest", "bare.csv"))

    assert "looks like data" in message
    assert SECRET not in message


# reference


def test_the_reference_tables_are_listed(call: Call) -> None:
    rows = shown(call("reference", "list")).splitlines()

    assert [row.split()[0] for row in rows[1 : 1 + len(TABLES)]] == list(TABLES)
    listed = json.loads(shown(call("reference", "list", "--json")))
    assert [row["table"] for row in listed] == list(TABLES)
    assert {row["origin"] for row in listed} == {"package"}


def test_a_reference_folder_that_is_none(call: Call, place: Path) -> None:
    assert "no reference tables" in refused(call("reference", "list", "--reference", place))
