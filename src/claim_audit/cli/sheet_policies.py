"""What payers want for a code, from the rows of the policy tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

import polars as pl

from claim_audit.cli.sheet_facts import NOT_KNOWN, POLICIES, About, Fact, Row, interval, sources_of
from claim_audit.reference.tables import ANY
from claim_audit.rules.policies import WANTED

NONE = "00"


def modifiers(about: About) -> Iterator[Fact]:
    """The placeholder, what policies want on the day, and what those modifiers mean."""
    yield from _placeholders(about)
    policies = about.policies("modifier_policies")
    for row in policies:
        wanted = WANTED[row["requirement"]].format(" ".join(row["modifiers"]))
        unless = f" (unless {' '.join(row['unless'])})" if row["unless"] else ""
        yield Fact(
            f"{_payer(row)}, {wanted}{unless}",
            f"{row['text']}{_received(row)}",
            sources_of(row),
            _by(about, row),
        )
    if not policies:
        yield Fact(f"policies on {about.on}", NOT_KNOWN)
    for row in about.rows("modifiers", pl.col("modifier").is_in(_explained(policies))):
        yield Fact(row["modifier"], f"{row['meaning']}; {interval(row)}", sources_of(row))


def _placeholders(about: About) -> Iterator[Fact]:
    rows = about.rows("modifiers", pl.col("kind") == "placeholder")
    others = ", ".join(row["modifier"] for row in rows if row["modifier"] != NONE)
    reported = next((f"rule {r.id}, {r.severity}" for r in about.rules if r.id == "MD-02"), "")
    for row in rows:
        if row["modifier"] == NONE:
            says = f"{row['meaning']}; so are {others}" if others else row["meaning"]
            yield Fact(f"{NONE} means none", says, sources_of(*rows), reported)


def _explained(policies: Sequence[Row]) -> Sequence[str]:
    """Modifiers worth explaining; those of a long list of forbidden ones are not."""
    rows = [r for r in policies if r["requirement"] != "forbid" or len(r["modifiers"]) == 1]
    return sorted({modifier for row in rows for modifier in (*row["modifiers"], *row["unless"])})


def payers(about: About) -> Iterator[Fact]:
    """Per known payer the policies in force on the day, and whether one refuses the code."""
    policies = about.policies("payer_policies")
    for payer in about.reference["payers"].frame["payer"].drop_nulls().unique().sort():
        own = [row for row in policies if row["payer"] == payer]
        yield Fact(f"{payer} takes the code", _takes(about, payer, {row["topic"] for row in own}))
        yield from (_policy(about, row) for row in own)
    yield from (_policy(about, row) for row in policies if row["payer"] == ANY)


def _takes(about: About, payer: str, topics: Set[str]) -> str:
    if "code_not_accepted" in topics:
        return "no, see its policy"
    if payer == "MEDICARE" and about.entry and about.entry["dme_mac_status"]:
        return f"DME contractors: {about.entry['dme_mac_status']}"
    if "quantity_limit" in topics:
        return "within a limit, see its policy"
    return f"{NOT_KNOWN}; no policy on file refuses it"


def _policy(about: About, row: Row) -> Fact:
    says = f"{row['text']}{_received(row)}"
    return Fact(f"{_payer(row)}, {_topic(row)}", says, sources_of(row), _by(about, row))


def changes(about: About) -> Iterator[Fact]:
    """Every dated policy row that names the code, in the order in which they begin."""
    rows = [
        row
        for table in POLICIES
        for row in about.policies(table, any_date=True)
        if about.code in row["codes"] and (row["dos_from"] or row["dos_to"])
    ]
    for row in sorted(rows, key=lambda row: (str(row["dos_from"] or ""), row["policy_id"])):
        yield Fact(
            interval(row, "dos_from", "dos_to"),
            f"{row['text']}{_received(row)}",
            sources_of(row),
            _by(about, row),
        )
    if not rows:
        yield Fact("dated policies that name it", NOT_KNOWN)


def _payer(row: Row) -> str:
    parts = [row["payer"], row["line_of_business"], row.get("licensee", ANY)]
    named = [part for part in parts if part != ANY]
    network = {"in": "in network", "out": "out of network"}.get(row.get("network", ""), "")
    return " ".join(filter(None, [*named, network])) or "any payer"


def _topic(row: Row) -> str:
    topic = row["topic"].replace("_", " ")
    if row["value"] is None:
        return str(topic)
    return f"{topic} {_number(row['value'])} {(row['unit'] or '').replace('_', ' ')}".rstrip()


def _number(value: Any) -> str:
    return f"{value.normalize():f}"


def _received(row: Row) -> str:
    if not (row["received_from"] or row["received_to"]):
        return ""
    return f" (claims received {interval(row, 'received_from', 'received_to')})"


def _by(about: About, row: Row) -> str:
    judged = any(rule.id == row["rule_id"] for rule in about.rules)
    rule = f"rule {row['rule_id']}" if judged else "no rule judges it"
    return f"{row['policy_id']}, {rule}, {row['severity']}"
