"""The claim line: every field is declared here, and nowhere else.

A field has a kind (how its cells are read), a meaning, a mark whether it is private, and shape
checks. The layout check, the masks, the judge's pandera schema (see `contract.schema`), the
documentation and the exported table schema are all read from `FIELDS`.

Shapes use only ``\\A``, ``\\z`` and explicit classes, so that no regular-expression engine
and no locale can read them differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

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
    """What the contract says of one field; `checks` names the shapes of its cells."""

    name: str
    kind: Kind
    title: str
    checks: tuple[str, ...] = ()
    private: bool = False

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


_ORDINALS = range(1, 26)

_DECLARED = (
    Field("claim_id", "text", "claim number as the sender knows it"),
    Field("claim_line_number", "integer", "line number within the claim"),
    Field(
        "claim_frequency_code",
        "code",
        "1 original, 7 replacement, 8 void (CLM05-3)",
        checks=("frequency",),
    ),
    Field("claim_version", "text", "version of the claim in the payer's system"),
    Field("claim_control_number", "text", "control number of the processor"),
    Field(
        "payer_claim_control_number",
        "text",
        "payer's number of the claim a replacement or void refers to (REF*F8)",
    ),
    Field("cross_reference_claim_id", "text", "claim this one replaces or voids"),
    Field("claim_type", "text", "setting: dme, practitioner or outpatient_hospital"),
    Field("claim_type_code", "code", "claim type as the extract codes it"),
    Field("bill_type", "code", "type of bill of an institutional claim"),
    Field("claim_status", "code", "processing status of the claim"),
    Field("member_id", "text", "member or beneficiary number on the card", private=True),
    Field("person_id", "text", "the extract's own key of a person", private=True),
    Field("subscriber_id", "text", "number of the policy holder", private=True),
    Field("member_birth_date", "date", "birth date of the member", private=True),
    Field("gender", "code", "gender of the member", private=True),
    Field("member_state", "code", "state the member lives in"),
    Field("member_zip", "text", "ZIP code the member lives in", private=True),
    Field("payer_name", "text", "payer as the extract writes it"),
    Field("payer_id", "code", "electronic payer id"),
    Field("plan_name", "text", "plan or product"),
    Field("line_of_business", "text", "line of business as the extract writes it"),
    Field("claim_filing_indicator", "code", "claim filing indicator (SBR09)"),
    Field("billing_npi", "code", "NPI of the billing supplier", checks=("npi",)),
    Field("billing_tin", "code", "tax number of the billing supplier", checks=("tin",)),
    Field("ordering_npi", "code", "NPI of the ordering or referring person", checks=("npi",)),
    Field("rendering_npi", "code", "NPI of the rendering person", checks=("npi",)),
    Field("provider_specialty", "code", "specialty of the supplier"),
    Field("taxonomy", "code", "taxonomy of the supplier"),
    Field("place_of_service", "code", "place of service", checks=("place-of-service",)),
    Field("claim_from_date", "date", "first date of the claim"),
    Field("claim_to_date", "date", "last date of the claim"),
    Field("service_from_date", "date", "first date of service of the line"),
    Field("service_to_date", "date", "last date of service of the line"),
    Field("submitted_date", "date", "when the claim was sent"),
    Field("received_date", "date", "when the payer received the claim"),
    Field("processed_date", "date", "when the payer processed the claim"),
    Field("paid_date", "date", "when the claim was paid"),
    Field("hcpcs_code", "code", "HCPCS Level II or CPT code", checks=("hcpcs",)),
    *(
        Field(f"modifier_{n}", "code", f"modifier in slot {n}", checks=("modifier",))
        for n in range(1, 6)
    ),
    Field("units", "quantity", "billed units of service"),
    Field("unit_basis", "code", "unit basis (SV103)"),
    Field("days_supply", "integer", "days the supply is meant to last"),
    Field("ndc", "code", "National Drug Code, 11 digits", checks=("ndc-11",)),
    Field("ndc_quantity", "quantity", "quantity in the NDC's unit"),
    Field("ndc_unit", "code", "unit of the NDC quantity (F2 GR ME ML UN)"),
    Field("icd_version", "code", "diagnosis code version"),
    Field("principal_diagnosis", "code", "principal diagnosis", checks=("icd-10-cm",)),
    Field("line_diagnosis_code", "code", "diagnosis on the line", checks=("icd-10-cm",)),
    *(
        Field(f"diagnosis_code_{n}", "code", f"diagnosis {n} of the claim", checks=("icd-10-cm",))
        for n in _ORDINALS
    ),
    *(
        Field(f"diagnosis_pointer_{n}", "code", f"diagnosis pointer {n} of the line")
        for n in range(1, 5)
    ),
    Field("charge_amount", "money", "billed charge of the line, USD"),
    Field("allowed_amount", "money", "allowed amount of the line, USD"),
    Field("paid_amount", "money", "paid amount of the line, USD"),
    Field("deductible_amount", "money", "deductible of the line, USD"),
    Field("coinsurance_amount", "money", "coinsurance of the line, USD"),
    Field("copay_amount", "money", "copayment of the line, USD"),
    Field("other_payer_paid_amount", "money", "paid by another payer, USD"),
    Field("claim_charge_amount", "money", "charge of the whole claim, USD"),
    Field("denial_code", "code", "denial code of the line or claim (CARC)"),
    Field("prior_auth_number", "text", "prior authorisation number"),
    Field("line_note", "text", "narrative on the line", private=True),
)

FIELDS: Mapping[str, Field] = {field.name: field for field in _DECLARED}

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
