"""Who pays: from the names and codes of an extract to one of the known payers."""

from __future__ import annotations

import polars as pl

from claim_audit import errors
from claim_audit.reference.tables import Reference

INPUTS = ("payer_name", "plan_name", "line_of_business", "payer_id", "claim_filing_indicator")

_MARKS = r"[®™℠©]"
_SILENT = r"[.'’`]"
_BETWEEN = r"[^\p{L}\p{N}]+"
_COMPANY = r"(?: (?:INC|INCORPORATED|CO|COMPANY|CORP|CORPORATION|LLC|LTD|LLP|LP|PLC))+\z"
_BLUES = r"\bBLUE ?CROSS(?: AND)? BLUE ?SHIELD\b|\bBC BS\b"

_SAID = {
    "medicare_advantage": r"\bMEDICARE ADV(?:ANTAGE)?\b|\bMEDICARE ?COMPLETE\b|\bPART C\b"
    r"|\bMA ?PD\b|\AMAO?\z|\AMA (?:HMO|PPO|PFFS|POS|SNP|PLAN)\b"
    r"|\bMEDICARE (?:HMO|PPO|PFFS|SNP)\b|\b(?:D|C|I) ?SNP\b|\bDUAL COMPLETE\b",
    "medicaid_managed": r"\bMEDICAID\b|\bCOMMUNITY PLAN\b|\bBETTER HEALTH\b",
    "commercial_fehb": r"\bFEHBP?\b|\bFEDERAL EMPLOYEE|\bFEP\b",
    "medicare_ffs": r"\b(?:ORIGINAL|TRADITIONAL) MEDICARE\b"
    r"|\bMEDICARE (?:FFS|FEE FOR SERVICE|ORIGINAL|TRADITIONAL|(?:PARTS? )?[AB])\b"
    r"|\APARTS? [AB](?: AND B)?\z|\AFFS MEDICARE\z",
    "commercial": r"\bCOMMERCIAL\b|\ACOMM?\z|\bEMPLOYER\b|\bMARKETPLACE\b",
}
"""The line of business that words of an evened-out name say; the first that fits."""

_MEDICARE = ["medicare_ffs", "medicare_advantage"]


def normalise(expr: pl.Expr) -> pl.Expr:
    """A String expression with the accidents of spelling removed; null where nothing is left.

    NFKC and upper case, `&` as AND, no punctuation (full stops and apostrophes close up, the rest
    becomes a space), single spaces, no company suffix such as INC or LLC.
    """
    text = (
        expr.str.replace_all(_MARKS, "")
        .str.normalize("NFKC")
        .str.to_uppercase()
        .str.replace_all("&", " AND ", literal=True)
        .str.replace_all(_SILENT, "")
        .str.replace_all(_BETWEEN, " ")
        .str.strip_chars()
        .str.replace(_COMPANY, "")
    )
    return pl.when(text != "").then(text)


def resolve(
    names: pl.DataFrame, reference: Reference, bare_medicare: str = "medicare_ffs"
) -> pl.DataFrame:
    """Payer and line of business of every row of `names`.

    `names` has String columns out of `INPUTS` (one that is absent counts as null), as the extract
    has them. The result has the same rows in the same order, all columns of `names` and `payer`,
    `lob`, `licensee` (String, null = not known), `recognised` (Boolean: the payer is known),
    `ambiguous` (Boolean: a bare Medicare that nothing else explains; `lob` is then
    `bare_medicare`), `stated` (Boolean: the extract itself says the line of business, in a column
    or in words of the name) and `how` the payer was found (name, prefix, payer_id, filing
    indicator, declared; null when not recognised).

    The payer comes from the name, else from the payer id, else from the claim filing indicator,
    else from a declared Original Medicare. The line of business comes from the extract's own
    column, else from the plan name, the filing indicator or the alias. Names of payers are taken
    as they are today: the dates of the aliases play no part.

    Raises `ClaimAuditError` when two spellings of one name lead to different payers, or when
    `bare_medicare` is neither of the two Medicare lines of business.
    """
    if bare_medicare not in _MEDICARE:
        raise errors.bare_medicare_unknown(_MEDICARE)
    aliases = _aliases(reference)
    evened = names.select(
        normalise(pl.col(name) if name in names.columns else pl.lit(None, pl.String)).alias(name)
        for name in INPUTS
    )
    name, plan, declared, payer_id, indicator = map(pl.col, INPUTS)
    keys = {
        "name": ("name", _squashed(name)),
        "prefix": ("name_prefix", _longest_prefix(name, aliases)),
        "payer_id": ("electronic_payer_id", payer_id),
        "filing indicator": ("claim_filing_indicator", indicator),
    }
    rows = evened.select(
        _said(name).alias("name says"),
        _said(plan).alias("plan says"),
        _said(declared).alias("declared"),
        declared.is_in(["MEDICARE", "MCR"]).fill_null(False).alias("some medicare"),
        *(key.alias(f"{way} key") for way, (_, key) in keys.items()),
    )
    for way, (alias_type, _) in keys.items():
        entries = aliases.filter(alias_type=alias_type).select(
            "key", pl.struct("payer", "line_of_business", "licensee", "ambiguous").alias(way)
        )
        rows = rows.join(
            entries, left_on=f"{way} key", right_on="key", how="left", maintain_order="left"
        )
    names_a_payer = {way: pl.col(way).struct.field("payer").is_not_null() for way in keys}
    by_declaration = pl.col("declared") == "medicare_ffs"
    rows = rows.with_columns(
        pl.coalesce(pl.when(hit).then(way) for way, hit in names_a_payer.items()).alias("found"),
        pl.coalesce(
            *(pl.when(hit).then(pl.lit(way)) for way, hit in names_a_payer.items()),
            pl.when(by_declaration).then(pl.lit("declared")),
        ).alias("how"),
    ).with_columns(
        pl.coalesce(
            pl.col("found").struct.field("payer"), pl.when(by_declaration).then(pl.lit("MEDICARE"))
        ).alias("payer"),
        pl.col("found").struct.field("ambiguous").fill_null(False).alias("bare"),
    )
    explained = pl.coalesce(
        "declared",
        pl.when(pl.col("some medicare") & _private()).then(pl.lit("medicare_advantage")),
        _fitting(pl.col("plan says")),
        _fitting(pl.col("filing indicator").struct.field("line_of_business")),
    )
    lob = pl.coalesce(
        explained,
        pl.when("bare").then(pl.lit(bare_medicare)),
        pl.col("found").struct.field("line_of_business"),
        _fitting(pl.col("name says")),
    )
    return names.hstack(
        rows.select(
            "payer",
            lob.alias("lob"),
            pl.col("found").struct.field("licensee"),
            pl.col("payer").is_not_null().alias("recognised"),
            (pl.col("bare") & explained.is_null()).alias("ambiguous"),
            (explained.is_not_null() | pl.col("name says").is_not_null()).alias("stated"),
            "how",
        )
    )


def _aliases(reference: Reference) -> pl.DataFrame:
    name = normalise(pl.col("alias"))
    aliases = (
        reference["payers"]
        .frame.select(
            "alias_type",
            pl.when(alias_type="name")
            .then(_squashed(name))
            .when(alias_type="name_prefix")
            .then(_spelled(name))
            .otherwise(name)
            .alias("key"),
            "payer",
            "line_of_business",
            "licensee",
            "ambiguous",
        )
        .drop_nulls("key")
        .unique(maintain_order=True)
    )
    if conflicts := aliases.select(pl.struct("alias_type", "key").is_duplicated().sum()).item():
        raise errors.payer_aliases_conflict(conflicts)
    return aliases


def _spelled(name: pl.Expr) -> pl.Expr:
    return name.str.replace_all(_BLUES, "BCBS")


def _squashed(name: pl.Expr) -> pl.Expr:
    return _spelled(name).str.replace_all(" ", "", literal=True)


def _longest_prefix(name: pl.Expr, aliases: pl.DataFrame) -> pl.Expr:
    prefixes = aliases.filter(alias_type="name_prefix")["key"].to_list()
    return pl.coalesce(
        pl.lit(None, pl.String),
        *(
            pl.when(_spelled(name).str.starts_with(f"{prefix} ")).then(pl.lit(prefix))
            for prefix in sorted(prefixes, key=len, reverse=True)
        ),
    )


def _said(name: pl.Expr) -> pl.Expr:
    return pl.coalesce(
        pl.when(name.str.contains(words)).then(pl.lit(lob)) for lob, words in _SAID.items()
    )


def _private() -> pl.Expr:
    return pl.col("payer") != "MEDICARE"


def _fitting(lob: pl.Expr) -> pl.Expr:
    fits = (
        pl.when(_private())
        .then(lob != "medicare_ffs")
        .when(pl.col("payer") == "MEDICARE")
        .then(pl.col("bare") & lob.is_in(_MEDICARE))
        .otherwise(True)
    )
    return pl.when(fits).then(lob)
