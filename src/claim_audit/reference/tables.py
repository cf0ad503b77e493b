"""The tables of the package, and how a user's own tables and policies lie over them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from claim_audit import errors, resources
from claim_audit.reference.intervals import IntervalTable, Origin
from claim_audit.reference.shape import CONFIDENCE, Column, Condition, TableSpec, read_text

HCPCS = r"\A(?:[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])\z"
LINES_OF_BUSINESS = frozenset(
    {"medicare_ffs", "medicare_advantage", "commercial", "commercial_fehb", "medicaid_managed"}
)
ANY = "*"
"""In a policy: every payer, line of business, licensee or code."""

_TEXT = Column()
_FILLED = Column(filled=True)
_DAY = Column("date")
_FLAG = Column("flag", filled=True)
_CODE = Column(pattern=HCPCS, filled=True)
_PAYER = Column(pattern=r"\A[A-Z][A-Z0-9_]*\z")
_SEVERITY = Column(values=frozenset({"error", "warning", "info"}), filled=True)
_CONFIDENCE = Column(values=CONFIDENCE, filled=True)

_TRACED: dict[str, Column] = {"release": _FILLED, "source": _FILLED, "confidence": _CONFIDENCE}
_DATED: dict[str, Column] = {"valid_from": _DAY, "valid_to": _DAY, **_TRACED}
_TWO_CLOCKS: dict[str, Column] = {
    "dos_from": _DAY,
    "dos_to": _DAY,
    "received_from": _DAY,
    "received_to": _DAY,
}
_POLICY: dict[str, Column] = {
    "policy_id": Column(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\z", filled=True),
    "rule_id": Column(pattern=r"\A[A-Z]{2}-[0-9]{2}\z", filled=True),
    "payer": Column(pattern=r"\A(?:\*|[A-Z][A-Z0-9_]*)\z", filled=True),
    "line_of_business": Column(values=LINES_OF_BUSINESS | {ANY}, filled=True),
    "codes": Column("words", pattern=rf"\A\*\z|{HCPCS}", filled=True),
    "severity": _SEVERITY,
    "text": _FILLED,
    **_TWO_CLOCKS,
    **_TRACED,
}
_MODIFIERS = Column("words", pattern=r"\A[A-Z0-9]{2}\z")
_UNITS: dict[str, frozenset[str]] = {
    "timely_filing": frozenset({"days", "months"}),
    "dispense_limit": frozenset({"days"}),
    "refill_delivery": frozenset({"days"}),
    "quantity_limit": frozenset({"units_per_30_days", "units_per_90_days"}),
    "cost_share_cap": frozenset({"usd_per_month"}),
}

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec(
            name="hcpcs",
            columns={
                "hcpcs_code": _CODE,
                "short_description": _FILLED,
                "family": _TEXT,
                "unit_of_measure": _TEXT,
                "unit_factor": Column("integer"),
                "unit_factor_of": _TEXT,
                "price_indicator": _TEXT,
                "coverage_code": _TEXT,
                "coverage": _TEXT,
                "dme_mac_status": _TEXT,
                "note": _TEXT,
                **_DATED,
            },
            keys=("hcpcs_code",),
            complete_when_loaded=True,
        ),
        TableSpec(
            name="modifiers",
            columns={
                "modifier": Column(pattern=r"\A[A-Z0-9/-]{1,4}\z", filled=True),
                "kind": Column(
                    values=frozenset({"HCPCS Level II", "CPT", "placeholder"}), filled=True
                ),
                "meaning": _FILLED,
                "group": _TEXT,
                **_DATED,
            },
            keys=("modifier",),
            complete=True,
            complete_when_loaded=True,
        ),
        TableSpec(
            name="places_of_service",
            columns={
                "place_of_service": Column(pattern=r"\A[0-9]{2}\z", filled=True),
                "name": _FILLED,
                "setting": Column(values=frozenset({"facility", "non-facility"})),
                "medicare_dme_home": _FLAG,
                "pump_supply": Column(
                    values=frozenset({"expected", "unusual", "facility_not_payable", "invalid"})
                ),
                "assigned": _FLAG,
                **_DATED,
            },
            keys=("place_of_service",),
            contiguous=True,
            complete=True,
            complete_when_loaded=True,
        ),
        TableSpec(
            name="payers",
            columns={
                "alias": _FILLED,
                "alias_type": Column(
                    values=frozenset(
                        {"name", "name_prefix", "electronic_payer_id", "claim_filing_indicator"}
                    ),
                    filled=True,
                ),
                "payer": _PAYER,
                "line_of_business": Column(values=LINES_OF_BUSINESS),
                "ambiguous": _FLAG,
                "licensee": _TEXT,
                **_DATED,
            },
            keys=("alias_type", "alias"),
            contiguous=True,
        ),
        TableSpec(
            name="mue",
            columns={
                "edition": Column(
                    values=frozenset({"dme", "practitioner", "outpatient_hospital"}), filled=True
                ),
                "hcpcs_code": _CODE,
                "payer": Column(pattern=r"\A[A-Z][A-Z0-9_]*\z", filled=True),
                "mue_value": Column("integer", pattern=r"\A[0-9]", filled=True),
                "mai": Column("integer", values=frozenset({"1", "2", "3"}), filled=True),
                "rationale": _TEXT,
                **_DATED,
            },
            keys=("edition", "hcpcs_code", "payer"),
            complete_when_loaded=True,
            scope=("edition", "payer"),
        ),
        TableSpec(
            name="diagnosis_support",
            columns={
                "diagnosis_code": Column(pattern=r"\A[A-Z][0-9][0-9A-Z]{1,5}\z", filled=True),
                "family": _FILLED,
                "support": Column(
                    values=frozenset(
                        {
                            "medicare_group1",
                            "not_listed",
                            "secondary_support",
                            "commercial_support",
                            "contradicts",
                            "weak",
                        }
                    ),
                    filled=True,
                ),
                "note": _TEXT,
                **_DATED,
            },
            keys=("diagnosis_code",),
            contiguous=True,
        ),
        TableSpec(
            name="modifier_policies",
            columns={
                **_POLICY,
                "requirement": Column(
                    values=frozenset({"require_any", "require_all", "at_most_one", "forbid"}),
                    filled=True,
                ),
                "modifiers": Column("words", pattern=_MODIFIERS.pattern, filled=True),
                "unless": _MODIFIERS,
            },
            keys=("policy_id",),
            start="dos_from",
            end="dos_to",
        ),
        TableSpec(
            name="payer_policies",
            columns={
                **_POLICY,
                "licensee": _FILLED,
                "network": Column(values=frozenset({"in", "out", "any"}), filled=True),
                "topic": Column(
                    values=frozenset({"code_not_accepted", *_UNITS}),
                    filled=True,
                ),
                "value": Column("decimal"),
                "unit": _TEXT,
                "anchor": Column(values=frozenset({"service_from_date", "service_to_date"})),
                "plan_specific": _FLAG,
            },
            keys=("policy_id",),
            start="dos_from",
            end="dos_to",
            conditions=(
                *(
                    Condition("topic", frozenset({topic}), "unit", units)
                    for topic, units in _UNITS.items()
                ),
                Condition("topic", frozenset(_UNITS), "value"),
                Condition("topic", frozenset({"timely_filing"}), "anchor"),
            ),
        ),
    )
}
"""Every reference table: its columns with their checks, its keys, and what absence means."""

_PARTIES = ("payer", "line_of_business", "licensee")
_POLICY_MARK = {"modifier_policies": "requirement", "payer_policies": "topic"}


@dataclass(frozen=True)
class Reference:
    """The reference tables of a run, by name.

    The two policy tables have two columns more than their spec: `origin` (package or user) and
    `specificity` (Int32: twice the number of payer, line of business, licensee and codes that
    the row names, plus one for a user's row); of the rows that fit a line the highest wins.
    """

    tables: Mapping[str, IntervalTable]

    @classmethod
    def load(cls, overlay: Path | None = None, policies: Sequence[Path] = ()) -> Reference:
        """The slices of the package, under a user's tables, under a user's policies.

        `overlay` is a folder of CSV or Parquet files named after tables, with the same columns;
        each takes the place of the package's table as a whole. `policies` are files with the
        columns of `modifier_policies` or `payer_policies`; their rows are added, and one with the
        `policy_id` of an earlier row takes its place.

        Raises `ClaimAuditError` when a file cannot be read, is no table, or breaks its spec.
        """
        given = _overlay(overlay) if overlay else {}
        origins: dict[str, Origin] = {
            name: "user" if name in given else "package" for name in TABLES
        }
        rows = {
            name: spec.read(given.get(name, resources.reference_data() / f"{name}.csv"))
            for name, spec in TABLES.items()
        }
        added: dict[str, list[pl.DataFrame]] = {name: [] for name in _POLICY_MARK}
        for file in policies:
            name = _policy_table(file)
            added[name].append(TABLES[name].read(file))
        for name, theirs in added.items():
            rows[name] = _laid_over(rows[name], origins[name], theirs)
            if theirs and origins[name] == "package":
                origins[name] = "package and user"
        return cls(
            {
                name: IntervalTable.build(spec, rows[name], origins[name])
                for name, spec in TABLES.items()
            }
        )

    def __getitem__(self, name: str) -> IntervalTable:
        return self.tables[name]

    @property
    def sha256(self) -> str:
        """Hash over the content of all tables."""
        hashes = "\n".join(f"{name} {self[name].sha256}" for name in sorted(self.tables))
        return hashlib.sha256(hashes.encode()).hexdigest()

    def describe(self) -> pl.DataFrame:
        """One row per table.

        Columns: `table`, `origin`, `release`, `rows` (Int64), `valid_from` and `valid_to` (Date;
        the earliest and latest day named, null where a row is open on that side), `complete`
        (Boolean), `confidence`, `sources`, `sha256`.
        """
        return pl.DataFrame(
            [
                {
                    "table": name,
                    "origin": table.origin,
                    "release": table.release,
                    "rows": table.frame.height,
                    "valid_from": None if begun.has_nulls() else begun.min(),
                    "valid_to": None if ended.has_nulls() else ended.max(),
                    "complete": table.complete,
                    "confidence": _counted(table.frame["confidence"], most=len(CONFIDENCE)),
                    "sources": _counted(table.frame["source"], most=3),
                    "sha256": table.sha256,
                }
                for name, table in self.tables.items()
                for begun, ended in [(table.frame[table.start], table.frame[table.end])]
            ],
            schema_overrides={"valid_from": pl.Date, "valid_to": pl.Date},
        )


def _overlay(folder: Path) -> dict[str, Path]:
    files = (
        sorted(file for file in folder.iterdir() if file.suffix.lower() in {".csv", ".parquet"})
        if folder.is_dir()
        else []
    )
    if not files:
        raise errors.reference_folder_unusable(str(folder), TABLES)
    for file in files:
        if file.stem not in TABLES:
            raise errors.reference_table_unknown(file.name, TABLES)
        if sum(other.stem == file.stem for other in files) > 1:
            raise errors.reference_table_twice(str(folder), file.stem)
    return {file.stem: file for file in files}


def _policy_table(file: Path) -> str:
    columns = read_text(file, "policy file").columns
    for name, mark in _POLICY_MARK.items():
        if mark in columns:
            return name
    raise errors.policy_file_unknown(file.name)


def _laid_over(ours: pl.DataFrame, origin: Origin, theirs: Sequence[pl.DataFrame]) -> pl.DataFrame:
    replaced = [row for frame in theirs for row in frame["policy_id"]]
    kept = ours.filter(~pl.col("policy_id").is_in(replaced))
    rows = pl.concat(
        [
            kept.with_columns(origin=pl.lit(origin)),
            *(frame.with_columns(origin=pl.lit("user")) for frame in theirs),
        ]
    )
    named = [pl.col(name) != ANY for name in _PARTIES if name in rows.columns]
    codes = ~pl.col("codes").list.contains(ANY)
    by_user = pl.col("origin") == "user"
    return rows.with_columns(
        specificity=(2 * pl.sum_horizontal(*named, codes) + by_user).cast(pl.Int32)
    )


def _counted(words: pl.Series, most: int) -> str:
    counts = words.value_counts().sort("count", words.name, descending=[True, False])
    named = [f"{word} ({count})" for word, count in counts.head(most).rows()]
    return "; ".join(named + [f"{counts.height - most} more"] * (counts.height > most))
