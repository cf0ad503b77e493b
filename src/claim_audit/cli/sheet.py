"""The sheet of a code: every fact with its source, and "not known" where the tables are silent.

What is asked is fixed here (the points that biller's references give for A4231 and J1817); what is
answered comes from the reference tables, the families of codes and the parameters of the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from claim_audit.cli import sheet_policies, sheet_use
from claim_audit.cli.sheet_facts import (
    NOT_KNOWN,
    POLICIES,
    PUMP_CODES,
    About,
    Fact,
    Row,
    interval,
    sources_of,
    units,
)
from claim_audit.reference.tables import ANY
from claim_audit.rules import families

IN_A_RUN = "units, members, suppliers and amounts per code and payer: the benchmarks of every run"


@dataclass(frozen=True)
class Section:
    """Facts on one question."""

    title: str
    facts: tuple[Fact, ...]


def sheet(about: About) -> tuple[Section, ...]:
    """All sections of a code's sheet."""
    parts: dict[str, Iterable[Fact]] = {
        "Code": _code(about),
        "What one unit is": sheet_use.unit(about),
        "Service type": _service_type(about),
        "Usual sites": _sites(about),
        "Modifiers": sheet_policies.modifiers(about),
        "Expected use": sheet_use.expected(about),
        "Unit limits of Medicare (MUE)": _limits(about),
        "Payers": sheet_policies.payers(about),
        "Policy changes by date": sheet_policies.changes(about),
        "Diagnoses": _diagnoses(about),
        "Related codes": _related(about),
        "Benchmarks": [Fact("use by others", NOT_KNOWN), Fact("use in your claims", IN_A_RUN)],
        "Taxonomies": [Fact("suppliers' taxonomy codes", NOT_KNOWN)],
        "Rules that judge it": _rules(about),
    }
    return tuple(Section(title, tuple(facts)) for title, facts in parts.items())


def _code(about: About) -> Iterator[Fact]:
    row = about.entry
    if row is None:
        yield Fact("description", NOT_KNOWN)
        return
    source = sources_of(row)
    yield Fact("description", row["short_description"], source)
    held = about.rows("hcpcs", pl.col("hcpcs_code") == about.code)
    yield Fact("valid", interval(row) + ("" if held else f"; not in force on {about.on}"), source)
    coverage = " ".join(filter(None, [row["coverage_code"], row["coverage"]]))
    yield Fact("Medicare coverage", coverage or NOT_KNOWN, source)
    yield Fact("Medicare DME contractors", row["dme_mac_status"] or NOT_KNOWN, source)
    if row["note"]:
        yield Fact("note", row["note"], source)


ROLES: Mapping[str, tuple[str, ...]] = {
    "accessory of durable medical equipment": families.PUMP_SUPPLIES,
    "drug supplied for durable medical equipment": families.INSULIN,
    "part of durable medical equipment": families.BATTERIES,
    "durable medical equipment": (families.PUMP,),
}


def _service_type(about: About) -> Iterator[Fact]:
    row = about.entry or {"family": None, "price_indicator": None}
    own = sources_of(row) if about.entry else ()
    yield Fact("family", row["family"] or NOT_KNOWN, own)
    role = next((name for name, codes in ROLES.items() if about.code in codes), NOT_KNOWN)
    pump = about.rows("hcpcs", pl.col("hcpcs_code") == families.PUMP)
    with_pump = pump and about.is_pump_code and about.code != families.PUMP
    yield Fact(
        "role",
        f"{role}: {families.PUMP}, {pump[0]['short_description']}" if with_pump else role,
        sources_of(pump[0]) if with_pump else (),
    )
    yield Fact("HCPCS price indicator", row["price_indicator"] or NOT_KNOWN, own)


SITES = {
    "expected": "usual places of service",
    "unusual": "unusual places of service",
    "facility_not_payable": "facilities, where it is not payable",
}


def _sites(about: About) -> Iterator[Fact]:
    """Places of service of pump therapy, and the settings that have a limit above zero."""
    asked = {name: pl.col("pump_supply") == kind for kind, name in SITES.items()}
    for name, held in {**asked, "home in Medicare's eyes": pl.col("medicare_dme_home")}.items():
        rows = about.rows("places_of_service", held) if about.is_pump_code else []
        places = [f"{row['place_of_service']} {row['name']}" for row in rows]
        yield Fact(name, ", ".join(places) or NOT_KNOWN, sources_of(*rows))
    for setting, row in _editions(about).items():
        name = f"billed by {EDITIONS[setting]}"
        if row is None:
            yield Fact(name, NOT_KNOWN)
        else:
            takes = f"up to {units(row['mue_value'])}" if row["mue_value"] else "not taken (MUE 0)"
            yield Fact(
                name, f"Medicare, {interval(row)}: {takes} a day of service", sources_of(row)
            )


EDITIONS = {
    "dme": "DME suppliers",
    "practitioner": "practitioners",
    "outpatient_hospital": "outpatient hospitals",
}


def _editions(about: About) -> Mapping[str, Row | None]:
    """Per edition the row in force on the day, else the last one there is."""
    mine = pl.col("hcpcs_code") == about.code, pl.col("payer") == "MEDICARE"
    last = {row["edition"]: row for row in about.rows("mue", *mine, any_date=True)}
    held = {row["edition"]: row for row in about.rows("mue", *mine)}
    return {edition: (last | held).get(edition) for edition in EDITIONS}


def _limits(about: About) -> Iterator[Fact]:
    from claim_audit.rules import mue

    for edition, row in _editions(about).items():
        name = f"edition for {EDITIONS[edition]}"
        if row is None:
            yield Fact(name, NOT_KNOWN)
            continue
        applied = {mue.PER_LINE: "per line"} | {
            mai: f"per date of service, {how}" for mai, how in mue.PER_DAY.items()
        }
        held = not row["valid_to"] or row["valid_to"] >= about.on
        begun = not row["valid_from"] or row["valid_from"] <= about.on
        state = "" if held and begun else f"; not in force on {about.on}"
        why = f"; {row['rationale']}" if row["rationale"] else ""
        yield Fact(
            name,
            f"{units(row['mue_value'])}, MAI {row['mai']} ({applied[row['mai']]}){why}; "
            f"quarter {row['release']}, {interval(row)}{state}",
            sources_of(row),
        )


MOST_LISTED = 20
"""Diagnoses that are listed one by one; of more, families are."""

SUPPORT = {
    "medicare_group1": "support it for Medicare",
    "secondary_support": "support it beside another diagnosis",
    "commercial_support": "support it for commercial plans",
    "not_listed": "not on Medicare's list",
    "weak": "weak",
    "contradicts": "contradict it",
}


def _diagnoses(about: About) -> Iterator[Fact]:
    for support, name in SUPPORT.items():
        held = pl.col("support") == support
        rows = about.rows("diagnosis_support", held) if about.is_pump_code else []
        families_of = Counter(row["family"] for row in rows)
        listed = (
            [f"{family} ({number} codes)" for family, number in families_of.items()]
            if len(rows) > MOST_LISTED
            else [row["diagnosis_code"] + _noted(row["note"]) for row in rows]
        )
        yield Fact(name, ", ".join(listed) or NOT_KNOWN, sources_of(*rows))


def _noted(note: str | None) -> str:
    return f" ({note})" if note else ""


def _related(about: About) -> Iterator[Fact]:
    family = about.entry and about.entry["family"]
    wanted = set(PUMP_CODES) if about.is_pump_code else set()
    related = pl.col("family").eq(pl.lit(family)) | pl.col("hcpcs_code").is_in(sorted(wanted))
    rows = about.rows("hcpcs", related.fill_null(False), pl.col("hcpcs_code") != about.code)
    for row in rows:
        unit = f"; {row['unit_of_measure']}" if row["unit_of_measure"] else ""
        yield Fact(row["hcpcs_code"], f"{row['short_description']}{unit}")
    if not rows:
        yield Fact("in the code table", NOT_KNOWN)


def _rules(about: About) -> Iterator[Fact]:
    """Rules that name the code, in themselves or in a policy row, then those for any code."""
    policies = [row for table in POLICIES for row in about.reference[table].frame.to_dicts()]
    by_policy = {row["rule_id"] for row in policies}
    named = {row["rule_id"] for row in policies if about.code in row["codes"]}
    for_all = {row["rule_id"] for row in policies if ANY in row["codes"]}
    special = [r for r in about.rules if about.code in r.codes or (not r.codes and r.id in named)]
    general = [
        r
        for r in about.rules
        if not r.codes and r not in special and (r.id in for_all or r.id not in by_policy)
    ]
    for rule in special:
        yield Fact(f"{rule.id} {rule.name}", rule.title, by=rule.severity)
    yield Fact("and, as on every code", " ".join(rule.id for rule in general) or NOT_KNOWN)
