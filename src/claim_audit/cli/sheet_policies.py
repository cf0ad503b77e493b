"""What payers want for a code, from the rows of the policy tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from claim_audit.cli.sheet import NOT_KNOWN, POLICIES, About, Fact, Row, interval, source_of
from claim_audit.reference.tables import ANY
from claim_audit.rules.policies import WANTED


def modifiers(about: About) -> Iterator[Fact]:
    """The placeholder, what policies want on the day, and what those modifiers mean."""
    for row in about.rows("modifiers", pl.col("kind") == "placeholder"):
        yield Fact(f"{row['modifier']} means none", row["meaning"], source_of(row))
    policies = about.policies("modifier_policies")
    for row in policies:
        wanted = WANTED[row["requirement"]].format(" ".join(row["modifiers"]))
        unless = f" (unless {' '.join(row['unless'])})" if row["unless"] else ""
        yield Fact(
            f"{_payer(row)}: {wanted}{unless}", f"{row['text']}{_received(row)}", _cited(row)
        )
    if not policies:
        yield Fact(f"policies on {about.on}", NOT_KNOWN)
    for row in about.rows("modifiers", pl.col("modifier").is_in(_explained(policies))):
        yield Fact(row["modifier"], f"{row['meaning']}; {interval(row)}", source_of(row))


def _explained(policies: Sequence[Row]) -> Sequence[str]:
    """Modifiers worth explaining; those of a long list of forbidden ones are not."""
    rows = [r for r in policies if r["requirement"] != "forbid" or len(r["modifiers"]) == 1]
    return sorted({modifier for row in rows for modifier in (*row["modifiers"], *row["unless"])})


def payers(about: About) -> Iterator[Fact]:
    """Per known payer the policies in force on the day, and whether one refuses the code."""
    policies = about.policies("payer_policies")
    for payer in about.reference["payers"].frame["payer"].drop_nulls().unique().sort():
        own = [row for row in policies if row["payer"] == payer]
        refused = any(row["topic"] == "code_not_accepted" for row in own)
        accepts = "no, see below" if refused else f"{NOT_KNOWN}; no policy on file refuses it"
        yield Fact(f"{payer} accepts it", accepts)
        yield from map(_policy, own)
        if not own:
            yield Fact(f"{payer} limits", NOT_KNOWN)
    yield from (_policy(row) for row in policies if row["payer"] == ANY)


def _policy(row: Row) -> Fact:
    return Fact(f"{_payer(row)}, {_topic(row)}", f"{row['text']}{_received(row)}", _cited(row))


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
            _cited(row),
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


def _cited(row: Row) -> str:
    return f"{row['policy_id']}, rule {row['rule_id']}, {row['severity']}; {source_of(row)}"
