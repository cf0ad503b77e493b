"""The claim line: one pandera schema that defines every field, and nothing else does.

A field has a kind (how its cells are read), a meaning, a mark whether it is private, and shape
checks. The layout check, the masks, the judge, the documentation and the exported table schema
are all read from `CLAIM_LINE`.

Shapes use only ``\\A``, ``\\z`` and explicit classes, so that no regular-expression engine
and no locale can read them differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

Kind = Literal["text", "code", "date", "money", "quantity", "integer"]

DTYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "date": pl.Date(),
    "money": pl.Decimal(16, 2),
    "quantity": pl.Decimal(16, 4),
    "integer": pl.Int32(),
}

REQUIRED = ("claim_id", "hcpcs_code", "service_from_date")
"""A run cannot start without these; any other missing field only silences rules."""

NPI_PREFIX_SUM = 24
"""Luhn contribution of the prefix 80840 that an NPI is checked with (NPI check digit standard)."""


@dataclass(frozen=True)
class Field:
    """What the contract says of one field."""

    name: str
    kind: Kind
    private: bool
    title: str
    checks: tuple[str, ...]

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of a claim line's cell."""
        return DTYPES[self.kind]


def npi_check_digit(npi: pl.Expr) -> pl.Expr:
    """Whether ten digits beginning with 1 or 2 satisfy Luhn behind the prefix 80840."""
    number = npi.str.to_integer(dtype=pl.Int64, strict=False)
    pairs = [number // 100**place % 100 for place in range(5)]
    doubled = [pair % 10 + pair // 10 * 2 - 9 * (pair >= 50).cast(pl.Int64) for pair in pairs]
    return (pl.sum_horizontal(doubled, ignore_nulls=False) + NPI_PREFIX_SUM) % 10 == 0


def _matches(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda cell: cell.str.contains(rf"\A(?:{pattern})\z")


SHAPES: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "hcpcs": _matches("[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]"),
    "modifier": _matches("[0-9A-Z]{2}"),
    "npi": lambda cell: _matches("[12][0-9]{9}")(cell) & npi_check_digit(cell),
    "place-of-service": _matches("[0-9]{2}"),
    "icd-10-cm": _matches("[A-Z][0-9][0-9A-Z](?:[.]?[0-9A-Z]{1,4})?"),
    "ndc-11": _matches("[0-9]{11}"),
    "tin": _matches("[0-9]{9}"),
    "frequency": _matches("[0-9A-Z]"),
}
"""Named shapes of a cell that is present; ``True`` is good. Used as masks and, unchanged, as
pandera checks."""


def shape_check(name: str) -> pa.Check:
    """The pandera check made from the same expression as the mask of that name."""
    shape = SHAPES[name]

    def holds(data: Any) -> pl.LazyFrame:
        frame: pl.LazyFrame = data.lazyframe.select(shape(pl.col(data.key)).fill_null(True))
        return frame

    return pa.Check(holds, name=name, error=name)


def _column(kind: Kind, title: str, *, shape: str = "", private: bool = False) -> pa.Column:
    return pa.Column(
        DTYPES[kind],
        checks=[shape_check(shape)] if shape else None,
        nullable=True,
        required=False,
        title=title,
        metadata={"kind": kind, "private": private, "shape": shape},
    )


_ORDINALS = range(1, 26)

CLAIM_LINE = pa.DataFrameSchema(
    {
        "claim_id": _column("text", "claim number as the sender knows it"),
        "claim_line_number": _column("integer", "line number within the claim"),
        "claim_frequency_code": _column(
            "code", "1 original, 7 replacement, 8 void (CLM05-3)", shape="frequency"
        ),
        "claim_version": _column("text", "version of the claim in the payer's system"),
        "claim_control_number": _column("text", "control number of the processor"),
        "payer_claim_control_number": _column(
            "text", "payer's number of the claim a replacement or void refers to (REF*F8)"
        ),
        "cross_reference_claim_id": _column("text", "claim this one replaces or voids"),
        "claim_type": _column("text", "setting: dme, practitioner or outpatient_hospital"),
        "claim_type_code": _column("code", "claim type as the extract codes it"),
        "bill_type": _column("code", "type of bill of an institutional claim"),
        "claim_status": _column("code", "processing status of the claim"),
        "member_id": _column("text", "member or beneficiary number on the card", private=True),
        "person_id": _column("text", "the extract's own key of a person", private=True),
        "subscriber_id": _column("text", "number of the policy holder", private=True),
        "member_birth_date": _column("date", "birth date of the member", private=True),
        "gender": _column("code", "gender of the member", private=True),
        "member_state": _column("code", "state the member lives in"),
        "member_zip": _column("text", "ZIP code the member lives in", private=True),
        "payer_name": _column("text", "payer as the extract writes it"),
        "payer_id": _column("code", "electronic payer id"),
        "plan_name": _column("text", "plan or product"),
        "line_of_business": _column("text", "line of business as the extract writes it"),
        "claim_filing_indicator": _column("code", "claim filing indicator (SBR09)"),
        "billing_npi": _column("code", "NPI of the billing supplier", shape="npi"),
        "billing_tin": _column("code", "tax number of the billing supplier", shape="tin"),
        "ordering_npi": _column("code", "NPI of the ordering or referring person", shape="npi"),
        "rendering_npi": _column("code", "NPI of the rendering person", shape="npi"),
        "provider_specialty": _column("code", "specialty of the supplier"),
        "taxonomy": _column("code", "taxonomy of the supplier"),
        "place_of_service": _column("code", "place of service", shape="place-of-service"),
        "claim_from_date": _column("date", "first date of the claim"),
        "claim_to_date": _column("date", "last date of the claim"),
        "service_from_date": _column("date", "first date of service of the line"),
        "service_to_date": _column("date", "last date of service of the line"),
        "submitted_date": _column("date", "when the claim was sent"),
        "received_date": _column("date", "when the payer received the claim"),
        "processed_date": _column("date", "when the payer processed the claim"),
        "paid_date": _column("date", "when the claim was paid"),
        "hcpcs_code": _column("code", "HCPCS Level II or CPT code", shape="hcpcs"),
        **{
            f"modifier_{n}": _column("code", f"modifier in slot {n}", shape="modifier")
            for n in range(1, 6)
        },
        "units": _column("quantity", "billed units of service"),
        "unit_basis": _column("code", "unit basis (SV103)"),
        "days_supply": _column("integer", "days the supply is meant to last"),
        "ndc": _column("code", "National Drug Code, 11 digits", shape="ndc-11"),
        "ndc_quantity": _column("quantity", "quantity in the NDC's unit"),
        "ndc_unit": _column("code", "unit of the NDC quantity (F2 GR ME ML UN)"),
        "icd_version": _column("code", "diagnosis code version"),
        "principal_diagnosis": _column("code", "principal diagnosis", shape="icd-10-cm"),
        "line_diagnosis_code": _column("code", "diagnosis on the line", shape="icd-10-cm"),
        **{
            f"diagnosis_code_{n}": _column("code", f"diagnosis {n} of the claim", shape="icd-10-cm")
            for n in _ORDINALS
        },
        **{
            f"diagnosis_pointer_{n}": _column("code", f"diagnosis pointer {n} of the line")
            for n in range(1, 5)
        },
        "charge_amount": _column("money", "billed charge of the line, USD"),
        "allowed_amount": _column("money", "allowed amount of the line, USD"),
        "paid_amount": _column("money", "paid amount of the line, USD"),
        "deductible_amount": _column("money", "deductible of the line, USD"),
        "coinsurance_amount": _column("money", "coinsurance of the line, USD"),
        "copay_amount": _column("money", "copayment of the line, USD"),
        "other_payer_paid_amount": _column("money", "paid by another payer, USD"),
        "claim_charge_amount": _column("money", "charge of the whole claim, USD"),
        "denial_code": _column("code", "denial code of the line or claim (CARC)"),
        "prior_auth_number": _column("text", "prior authorisation number"),
        "line_note": _column("text", "narrative on the line", private=True),
    },
    name="claim_line",
    strict=True,
    ordered=False,
)


def _field(name: str, column: pa.Column) -> Field:
    metadata = column.metadata or {}
    return Field(
        name=name,
        kind=metadata["kind"],
        private=metadata["private"],
        title=str(column.title),
        checks=tuple(filter(None, [metadata["shape"]])),
    )


FIELDS: Mapping[str, Field] = {name: _field(name, c) for name, c in CLAIM_LINE.columns.items()}

MODIFIERS = tuple(f"modifier_{n}" for n in range(1, 6))
DIAGNOSES = (
    "line_diagnosis_code",
    "principal_diagnosis",
    *(f"diagnosis_code_{n}" for n in _ORDINALS),
)
POINTERS = tuple(f"diagnosis_pointer_{n}" for n in range(1, 5))
NPIS = tuple(name for name, field in FIELDS.items() if "npi" in field.checks)
DATES = tuple(name for name, field in FIELDS.items() if field.kind == "date")
NUMBERS = tuple(
    name for name, field in FIELDS.items() if field.kind in {"money", "quantity", "integer"}
)
