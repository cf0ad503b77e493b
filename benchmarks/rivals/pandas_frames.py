"""The shared rules in pandas: `python -m benchmarks.rivals.pandas_frames CLAIMS OUT`.

Texts are read as categories, so that what is known of a value is worked out once and taken by its
code; rules are Boolean columns, never a loop over rows. Amounts are whole cents. Read are files as
`claim-audit sample` writes them: only codes and modifiers need cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from benchmarks.rivals.facts import (
    HICN,
    ICD_10_FROM,
    INSTITUTIONS,
    MBI,
    MBI_ONLY_FROM,
    NO_DAYS,
    PLACEHOLDERS,
    SETTINGS,
    Facts,
    npi_holds,
)
from benchmarks.rivals.shared import (
    AMOUNTS,
    AS_OF,
    DATES,
    DIAGNOSES,
    IDS,
    NUMBERS,
    PAYER_NAMES,
    SLOTS,
    main,
)

Array = npt.NDArray[Any]

TEXTS = (
    *IDS,
    "claim_frequency_code",
    "payer_claim_control_number",
    "claim_type",
    *PAYER_NAMES,
    "place_of_service",
    "hcpcs_code",
    *SLOTS,
    "ndc",
    *DIAGNOSES,
    "denial_code",
)


def read(claims: Path) -> pd.DataFrame:
    """The claims: categories, floats and dates, and beside these the texts that are none."""
    if claims.suffix == ".parquet":
        table = pa.parquet.read_table(claims, read_dictionary=TEXTS)
    else:
        columns = (*TEXTS, *NUMBERS, *DATES)
        options = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.dictionary(pa.int32(), pa.string())),
            strings_can_be_null=True,
            null_values=[""],
        )
        table = pa.csv.read_csv(claims, convert_options=options)
    lines = {name: table[name].to_pandas() for name in TEXTS}
    for name in NUMBERS:
        lines[name], lines[f"{name}__unread"] = _read(table[name], _number, np.nan, "float64")
    for name in DATES:
        lines[name], lines[f"{name}__unread"] = _read(table[name], _day, None, "datetime64[s]")
    for name in AMOUNTS:
        lines[name] = np.rint(lines[name] * 100)
    return pd.DataFrame(lines)


def _read(
    column: pa.ChunkedArray, read_cell: Callable[[str], Any], blank: object, dtype: str
) -> tuple[Array, Array]:
    if not pa.types.is_dictionary(column.type):
        kind = pa.float64() if dtype == "float64" else pa.timestamp("s")
        return column.cast(kind).to_numpy().astype(dtype), np.full(len(column), -1)
    cells = column.to_pandas()
    values = np.array([*map(read_cell, cells.cat.categories), blank], dtype=dtype)[cells.cat.codes]
    return values, np.where(np.isnan(values), cells.cat.codes, -1)


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def known(column: pd.Series, say: Callable[[str], Any], blank: Any = False) -> Array:
    """What `say` says of the value of each line, and `blank` of none."""
    return np.array([*map(say, column.cat.categories), blank])[column.cat.codes]


def combined(
    lines: pd.DataFrame, columns: Sequence[str]
) -> tuple[Array, list[tuple[str | None, ...]]]:
    """The number of each line's combination of values, and the combinations."""
    keys = np.zeros(len(lines), np.int64)
    for name in columns:
        keys = keys * (len(lines[name].cat.categories) + 1) + lines[name].cat.codes + 1
    numbers, distinct = pd.factorize(keys)
    parts = []
    for name in reversed(columns):
        values = [None, *lines[name].cat.categories]
        distinct, code = np.divmod(distinct, len(values))
        parts.append([values[n] for n in code])
    return numbers, list(zip(*reversed(parts), strict=True))


def with_facts(
    lines: pd.DataFrame, numbers: Array, facts: Sequence[Mapping[str, Any]], dates: Sequence[str]
) -> None:
    """The facts of each line, by the number of its row among `facts`."""
    for name in facts[0]:
        kind = "datetime64[s]" if name in dates else None
        lines[name] = np.array([row[name] for row in facts], kind)[numbers]


def with_codes(lines: pd.DataFrame, facts: Facts) -> None:
    """What is known of the HCPCS code."""
    cells = lines["hcpcs_code"].cat
    known_codes = [*map(facts.of_code, (*cells.categories, None))]
    with_facts(lines, cells.codes.to_numpy(), known_codes, ("code_begun", "code_ended"))
    lines["code"] = pd.Categorical(lines["code"])


def with_payers(lines: pd.DataFrame, facts: Facts) -> None:
    """Who pays, and the policies that name them."""
    numbers, names = combined(lines, PAYER_NAMES)
    schema = dict.fromkeys(PAYER_NAMES, pl.String)
    found = facts.payers(pl.DataFrame(names, schema=schema, orient="row"))
    for name in ("payer", "lob"):
        lines[name] = pd.Categorical(found[name].to_numpy()[numbers])
    lines["payer_policies"] = found["policies"].to_numpy()[numbers]


def with_modifiers(lines: pd.DataFrame, facts: Facts) -> None:
    """What is known of the modifiers, those glued to the code included."""
    glued = lines["hcpcs_code"].where(lines["glued"]).cat.remove_unused_categories()
    numbers, worn = combined(lines.assign(glued_cell=glued), (*SLOTS, "glued_cell"))
    known_modifiers = [facts.of_modifiers(slots, cell) for *slots, cell in worn]
    with_facts(lines, numbers, known_modifiers, ("modifiers_begun", "modifiers_ended"))


def with_diagnoses(lines: pd.DataFrame, facts: Facts) -> None:
    """What is known of the diagnoses."""
    numbers, cells = combined(lines, DIAGNOSES)
    with_facts(lines, numbers, [*map(facts.of_diagnoses, cells)], ())


def with_mue(lines: pd.DataFrame, facts: Facts) -> None:
    """The medically unlikely edit in force: `mue_value` and `mai`."""
    lines["setting"] = pd.Categorical(
        known(lines["claim_type"], lambda cell: SETTINGS.get(cell.upper(), "dme"), "dme")
    )
    numbers, combinations = combined(lines, ("setting", "code", "payer"))
    edits = facts.mue.partition_by("setting", "hcpcs_code", "payer", as_dict=True)
    none = {"mue_value": np.nan, "mai": np.nan, "begun": date.max, "until": date.min}
    lines["mue_value"] = lines["mai"] = np.nan
    for nth in range(max(edit.height for edit in edits.values())):
        rows = [
            edits[keys].row(nth, named=True) if keys in edits and nth < edits[keys].height else none
            for keys in combinations
        ]
        dtypes = {"begun": "datetime64[s]", "until": "datetime64[s]"}
        edit = {
            name: np.array([row[name] for row in rows], dtypes.get(name))[numbers] for name in none
        }
        held = lines["service_from_date"].between(edit["begun"], edit["until"])
        for name in ("mue_value", "mai"):
            lines[name] = np.where(held, edit[name], lines[name])


def _at(day: date) -> np.datetime64:
    return np.datetime64(day, "s")


def fits(lines: pd.DataFrame, row: Mapping[str, Any]) -> Array:
    """Whether a policy binds a line: by the words of what it names, and by its dates."""
    start = lines["service_from_date"]
    received = lines["received_date"].fillna(start)
    found = lines["policies"].to_numpy() & row["bit"] != 0
    for days, name in ((start, "dos"), (received, "received")):
        if row[f"{name}_from"]:
            found &= days >= _at(row[f"{name}_from"])
        if row[f"{name}_to"]:
            found &= days <= _at(row[f"{name}_to"])
    return found


def any_fits(lines: pd.DataFrame, facts: Facts, rule_id: str) -> Array:
    """Whether any policy of a rule binds a line."""
    return np.logical_or.reduce([fits(lines, row) for row in facts.policies_of(rule_id)])


def filed_late(lines: pd.DataFrame, facts: Facts) -> Array:
    """Whether a claim came after the last day that the policy which binds it gives."""
    start, end = lines["service_from_date"], lines["service_to_date"]
    anchors = {
        "service_from_date": start,
        "service_to_date": end.where(lines["service_to_date__unread"] >= 0, end.fillna(start)),
    }
    rows = facts.policies_of("DT-05")
    last = [
        anchors[row["anchor"]] + pd.DateOffset(**{row["unit"]: int(row["value"])}) for row in rows
    ]
    bound = np.select([fits(lines, row) for row in rows], last, np.datetime64("NaT", "s"))
    return (lines["received_date"] > bound) & start.notna()


def span_too_long(lines: pd.DataFrame, facts: Facts, span: pd.Series) -> Array:
    """Whether the dates of a line span more days than the policy which binds it takes."""
    rows = facts.policies_of("DT-07")
    most = [int(row["value"]) for row in rows]
    return span > np.select([fits(lines, row) for row in rows], most, np.inf)


def line_rules(lines: pd.DataFrame, facts: Facts) -> dict[str, Any]:
    """Which lines break which line rule."""
    start, end = lines["service_from_date"], lines["service_to_date"]
    received, paid_on = lines["received_date"], lines["paid_date"]
    units, supply, code = lines["units"], lines["days_supply"], lines["code"]
    charge, allowed, paid = (lines[f"{name}_amount"] for name in ("charge", "allowed", "paid"))
    span = (end - start).dt.days + 1
    frequency, ffs = lines["claim_frequency_code"], lines["lob"] == "medicare_ffs"
    original, void = ~frequency.isin(["7", "8"]), frequency == "8"
    places = {row["place_of_service"]: row for row in facts.places.iter_rows(named=True)}
    place = lines["place_of_service"]
    assigned = known(place, lambda cell: cell in places and places[cell]["assigned"])
    limit, per_line = lines["mue_value"], lines["mai"] == 1
    summed = lines["member_id"].notna() & lines["billing_npi"].notna()
    as_of = _at(AS_OF)
    number_unread = lines[[f"{name}__unread" for name in NUMBERS]].ge(0).any(axis=1)
    date_unread = lines[[f"{name}__unread" for name in DATES]].ge(0).any(axis=1)
    no_units, no_charge, no_start = (
        lines[name].isna() & (lines[f"{name}__unread"] < 0)
        for name in ("units", "charge_amount", "service_from_date")
    )
    placeholders = set(PLACEHOLDERS)
    no_id = [known(lines[name], placeholders.__contains__) for name in IDS]
    no_day = [lines[name].isin([_at(day) for day in NO_DAYS]) for name in DATES]
    mbi = known(lines["member_id"], lambda cell: bool(re.fullmatch(MBI, cell)), True)
    hicn = known(lines["member_id"], lambda cell: bool(re.fullmatch(HICN, cell)))
    weeks = (supply.where(supply > 0, span.where(span > 1)) + 6) // 7
    stated = supply.where(supply > 0, (units * 7).where(code == "A4224"))
    unsaid = stated.isna() & lines["pump_fill"] & (span <= 92)
    negative = (charge < 0) | (allowed < 0) | (paid < 0)
    coded = start >= _at(ICD_10_FROM)
    therapy = coded & lines["diagnosed"] & lines["pump_therapy"]
    return {
        "DQ-01": code.isna()
        | no_units
        | no_start
        | lines["payer_name"].isna()
        | no_charge
        | lines["member_id"].isna(),
        "DQ-02": lines["misshapen"],
        "DQ-03": lines["glued"],
        "DQ-05": number_unread | (no_units & (charge > 0)),
        "DQ-06": date_unread,
        "DQ-08": np.logical_or.reduce([*no_id, *no_day]),
        "ID-01": ~known(lines["billing_npi"], npi_holds, True)
        | ~known(lines["ordering_npi"], npi_holds, True),
        "ID-04": ffs & ~mbi & (~hicn | (start >= _at(MBI_ONLY_FROM))),
        "CD-02": (start < lines["code_begun"]) | (start > lines["code_ended"]),
        "CD-03": any_fits(lines, facts, "CD-03") & lines["setting"].isin(["dme", "practitioner"]),
        "UN-01": original & ((units <= 0) | (units % 1 > 0)),
        "UN-02": (limit > 0) & (units > limit) & (per_line | ~summed),
        "UN-03": (limit == 0) & ~void,
        "UN-17": code.isin(["A4224", "A4226"]) & ((units > weeks + 1) | (units > 13)),
        "MD-01": lines["unknown_modifier"],
        "MD-02": lines["filler"],
        "MD-03": lines["repeated_modifier"],
        "MD-06": (start < lines["modifiers_begun"]) | (start > lines["modifiers_ended"]),
        "MD-07": any_fits(lines, facts, "MD-07") & start.notna(),
        **{
            rule: any_fits(lines, facts, rule)
            for rule in ("MD-08", "MD-09", "MD-10", "MD-13", "MD-14")
        },
        "MD-11": lines["insulin"]
        & ffs
        & (span > 1)
        & ((lines["jk"] & (span > 34)) | (lines["jl"] & (span <= 75))),
        "DT-01": start > end,
        "DT-02": (start > received) | (start > paid_on) | (start > as_of),
        "DT-03": (start <= as_of) & (end > as_of) & ~unsaid & (span != stated),
        "DT-04": (received < start) | (paid_on < received),
        "DT-05": original & filed_late(lines, facts),
        "DT-07": span_too_long(lines, facts, span),
        "DX-01": ~lines["diagnosed"],
        "DX-02": coded & lines["misshapen_diagnosis"],
        "DX-03": therapy & ~lines["diabetes"],
        "DX-04": therapy & ffs & lines["diabetes"] & ~lines["listed"],
        "DX-05": therapy & lines["status_only"],
        "PS-01": (place.notna() | (lines["setting"] != "outpatient_hospital")) & ~assigned,
        "PS-02": lines["dme"] & place.isin([cell for cell in INSTITUTIONS if cell in places]),
        "PS-03": lines["dme"]
        & ffs
        & known(place, lambda cell: cell in places and not places[cell]["home"]),
        "MY-01": original & (charge <= 0),
        "MY-03": ~void & ~negative & ((allowed > charge) | (paid > allowed + 1)),
    }


def live(lines: pd.DataFrame) -> Array:
    """Whether a line is no void, and none that a void or replacement took back."""
    claim, member = lines["claim_id"], lines["member_id"].cat.codes
    key = member.where(member >= 0, -2 - claim.cat.codes)
    frequency, named = lines["claim_frequency_code"], lines["payer_claim_control_number"]
    changing = frequency.isin(["7", "8"])
    target = named[changing].astype(object).fillna(claim[changing].astype(object))
    whole = (target != claim[changing].astype(object)) | (frequency[changing] == "8")
    changes = pd.DataFrame(
        {"key": key[changing], "claim": claim.cat.categories.get_indexer(target), "whole": whole}
    )
    changes = changes.groupby(["key", "claim"])["whole"].any()
    changed = changes.reindex(pd.MultiIndex.from_arrays([key, claim.cat.codes]))
    whole = changed.eq(True).to_numpy()
    taken_back = changed.notna().to_numpy() & (whole | ~changing)
    return ((frequency != "8") & ~taken_back).to_numpy()


def member_rules(lines: pd.DataFrame) -> dict[str, Array]:
    """The numbers of the lines that break the rules over a member's lines."""
    there = lines[live(lines)]
    claim, number = there["claim_id"].cat.codes, there["claim_line_number"]
    again = pd.DataFrame({"claim": claim, "number": number}).duplicated(keep=False)
    repeated = _as_numbers(there[again])
    fields = [name for name in repeated if name in {*TEXTS, *NUMBERS, *DATES}]
    unread = [name for name in repeated if name.endswith("__unread")]
    content = repeated.groupby([*fields, *unread], dropna=False).ngroup()
    first = content.drop_duplicates().index
    versions = repeated.loc[first]
    versions = versions[versions["claim_line_number"].notna()]
    numbered = ["member_id", "payer", "claim_id", "claim_line_number", "claim_frequency_code"]

    summed = there["member_id"].notna() & there["billing_npi"].notna() & there["units"].notna()
    billed = there[summed & there["code"].notna() & there["service_from_date"].notna()]
    service = [
        "member_id",
        "payer",
        "code",
        "service_from_date",
        "billing_npi",
        "units",
        "modifier_content",
    ]
    limited = (billed["mue_value"] > 0) & billed["mai"].isin([2, 3])
    days = _as_numbers(billed[limited])
    day = ["member_id", "billing_npi", "code", "service_from_date", "setting", "payer"]
    of_day = days.groupby(day)["units"].transform("sum")
    above = (of_day > days["mue_value"]) & (days["units"] > 0)

    twice = billed[_as_numbers(billed[service]).duplicated(keep=False)]
    claims = _as_numbers(twice).groupby(service)["claim_id"].transform("nunique")
    return {
        "DU-01": repeated.index.difference(first).to_numpy(),
        "DU-02": versions.index[versions.duplicated(numbered, keep=False)].to_numpy(),
        "DU-03": twice.index[claims > 1].to_numpy(),
        "UN-02": days.index[above].to_numpy(),
    }


def _as_numbers(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with categories as their codes."""
    coded = lines.select_dtypes("category").apply(lambda column: column.cat.codes)
    return lines.assign(**coded)


def run(claims: Path, out: Path) -> None:
    """Find the exceptions to the shared rules and write them."""
    facts = Facts.load()
    lines = read(claims)
    with_codes(lines, facts)
    with_payers(lines, facts)
    with_modifiers(lines, facts)
    words = ("code_policies", "payer_policies", "broken_policies")
    lines["policies"] = np.bitwise_and.reduce([lines[word].to_numpy() for word in words])
    with_diagnoses(lines, facts)
    with_mue(lines, facts)
    found = [
        *((rule, np.flatnonzero(broken)) for rule, broken in line_rules(lines, facts).items()),
        *member_rules(lines).items(),
    ]
    exceptions = pd.concat(
        pd.DataFrame({"rule_id": rule, "source_row": places + 1}) for rule, places in found
    )
    exceptions.drop_duplicates().to_parquet(out / "exceptions.parquet", index=False)


if __name__ == "__main__":
    main(run)
