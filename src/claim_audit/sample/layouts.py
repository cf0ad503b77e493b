"""The shapes a sample can be written in: headers, where each comes from, dates, whose members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from claim_audit.sample import payers

LayoutName = Literal["canonical", "ccw-rif-dme"]


@dataclass(frozen=True)
class Fixed:
    """The same text in every record."""

    text: str


Source = str | Fixed
"""A field of `columns.columns`, or a fixed text."""


@dataclass(frozen=True)
class SampleLayout:
    """How a sample is written.

    Attributes:
        columns: header and source of every column.
        fields: fields of the contract that a reader of the file finds in it.
        dates: format of dates in CSV.
        dotted: whether diagnosis codes have their dot.
        persons: whether members go by a research key in place of the number on their card.
        books: positions in `payers.BOOKS` of the members it holds.
    """

    name: LayoutName
    columns: tuple[tuple[str, Source], ...]
    fields: frozenset[str]
    delimiter: str
    dates: str
    dotted: bool
    persons: bool
    books: tuple[int, ...]


_CANONICAL = (
    "claim_id",
    "claim_line_number",
    "claim_frequency_code",
    "payer_claim_control_number",
    "claim_type",
    "member_id",
    "member_birth_date",
    "payer_name",
    "plan_name",
    "line_of_business",
    "billing_npi",
    "ordering_npi",
    "place_of_service",
    "service_from_date",
    "service_to_date",
    "received_date",
    "paid_date",
    "hcpcs_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "units",
    "days_supply",
    "ndc",
    "diagnosis_code_1",
    "diagnosis_code_2",
    "diagnosis_code_3",
    "diagnosis_code_4",
    "charge_amount",
    "allowed_amount",
    "paid_amount",
    "deductible_amount",
    "coinsurance_amount",
    "denial_code",
)

_RIF: tuple[tuple[str, Source], ...] = (
    ("DML_IND", Fixed("INSERT")),
    ("BENE_ID", "member_id"),
    ("CLM_ID", "claim_id"),
    ("FINAL_ACTION", Fixed("F")),
    ("NCH_NEAR_LINE_REC_IDENT_CD", Fixed("M")),
    ("NCH_CLM_TYPE_CD", Fixed("82")),
    ("CLM_FROM_DT", "service_from_date"),
    ("CLM_THRU_DT", "service_to_date"),
    ("NCH_WKLY_PROC_DT", "paid_date"),
    ("CARR_CLM_ENTRY_CD", "entry_code"),
    ("CLM_DISP_CD", Fixed("01")),
    ("CARR_CLM_PMT_DNL_CD", "payment_code"),
    ("PRNCPAL_DGNS_CD", "diagnosis_code_1"),
    ("PRNCPAL_DGNS_VRSN_CD", Fixed("0")),
    ("ICD_DGNS_CD1", "diagnosis_code_1"),
    ("ICD_DGNS_CD2", "diagnosis_code_2"),
    ("ICD_DGNS_CD3", "diagnosis_code_3"),
    ("ICD_DGNS_CD4", "diagnosis_code_4"),
    ("RFR_PHYSN_NPI", "ordering_npi"),
    ("CARR_CLM_CNTL_NUM", "control_number"),
    ("LINE_NUM", "claim_line_number"),
    ("PRVDR_SPCLTY", Fixed("A5")),
    ("LINE_SRVC_CNT", "units"),
    ("LINE_CMS_TYPE_SRVC_CD", Fixed("P")),
    ("LINE_PLACE_OF_SRVC_CD", "place_of_service"),
    ("LINE_1ST_EXPNS_DT", "service_from_date"),
    ("LINE_LAST_EXPNS_DT", "service_to_date"),
    ("HCPCS_CD", "hcpcs_code"),
    ("HCPCS_1ST_MDFR_CD", "modifier_1"),
    ("HCPCS_2ND_MDFR_CD", "modifier_2"),
    ("LINE_NCH_PMT_AMT", "paid_amount"),
    ("LINE_BENE_PTB_DDCTBL_AMT", "deductible_amount"),
    ("LINE_COINSRNC_AMT", "coinsurance_amount"),
    ("LINE_SBMTD_CHRG_AMT", "charge_amount"),
    ("LINE_ALOWD_CHRG_AMT", "allowed_amount"),
    ("LINE_ICD_DGNS_CD", "diagnosis_code_1"),
    ("LINE_ICD_DGNS_VRSN_CD", Fixed("0")),
    ("PRVDR_NPI", "billing_npi"),
    ("HCPCS_3RD_MDFR_CD", "modifier_3"),
    ("HCPCS_4TH_MDFR_CD", "modifier_4"),
    ("DMERC_LINE_MTUS_CNT", "units"),
    ("DMERC_LINE_MTUS_CD", Fixed("3")),
    ("LINE_NDC_CD", "ndc"),
)

LAYOUTS: dict[LayoutName, SampleLayout] = {
    "canonical": SampleLayout(
        name="canonical",
        columns=tuple((field, field) for field in _CANONICAL),
        fields=frozenset(_CANONICAL),
        delimiter=",",
        dates="%Y-%m-%d",
        dotted=True,
        persons=False,
        books=tuple(range(len(payers.BOOKS))),
    ),
    "ccw-rif-dme": SampleLayout(
        name="ccw-rif-dme",
        columns=_RIF,
        fields=frozenset(s for _, s in _RIF if isinstance(s, str)) - {"member_id", "paid_date"},
        delimiter="|",
        dates="%d-%b-%Y",
        dotted=False,
        persons=True,
        books=(payers.ORIGINAL_MEDICARE,),
    ),
}
"""Every layout by name. The headers of `ccw-rif-dme` are those of CMS's synthetic RIF files."""
