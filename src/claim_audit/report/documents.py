"""The JSON documents of a run, field by field; `schemas/*.schema.json` is generated from here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from claim_audit.engine.outcomes import Outcome
from claim_audit.rules.form import Severity

Count = Annotated[int, Field(ge=0)]
Usd = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["1240.50"])]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class Document(BaseModel):
    """A JSON object without other keys than the named ones."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, frozen=True)


class Records(Document):
    """The accounting: physical_lines = header_lines + blank_lines + embedded_newlines + records,
    and records = claim_records + rejects."""

    physical_lines: Count
    """Lines counted on the raw bytes; rows that the footer declares for Parquet."""
    header_lines: Count
    """Lines of column names."""
    blank_lines: Count
    """Lines with nothing in them."""
    embedded_newlines: Count
    """Line ends inside quoted cells."""
    records: Count
    """Records of data."""
    claim_records: Count
    """Records that became claim lines."""
    rejects: Count
    """Records that cannot be claim lines; the table `rejects` lists them."""


class Totals(Document):
    """Exceptions of one kind."""

    exceptions: Count
    """Rows of the exceptions table."""
    lines: Count
    """Claim lines among them, each counted once."""
    amount_at_risk: Usd
    """Paid, else allowed, else charge of these lines, USD; each line counted once."""


class SeverityTotals(Totals):
    """Exceptions of one severity."""

    severity: Severity
    """Severity: error, warning or info."""


class CategoryTotals(Totals):
    """Exceptions of the rules of one category."""

    category: str
    """Category of rules."""


class PayerTotals(Totals):
    """Exceptions on the lines of one payer."""

    payer: str | None
    """Canonical payer; null where it is not recognised."""


class RuleTotals(Totals):
    """Exceptions of one rule."""

    rule_id: str
    """Id of the rule, such as UN-02."""
    rule_name: str
    """Dotted name of the rule."""
    category: str
    """Category of the rule."""
    severity: Severity
    """The gravest severity among the exceptions."""


class Unjudged(Document):
    """A rule with lines that it could not judge."""

    rule_id: str
    """Id of the rule."""
    outcome: Outcome
    """Outcome of the rule."""
    not_evaluated: Count
    """Lines it applies to and could not judge."""
    reason: str
    """Why."""


class Reason(Document):
    """One reason why rules could not judge, with all the rules it holds for."""

    reason: str
    """Why."""
    extent: Literal["all", "some"]
    """Whether these rules judged nothing at all, or only some of their lines."""
    rules: list[str]
    """Ids of the rules."""
    lines: Count | None
    """The most lines that one of the rules left unjudged for this reason; null where none was
    looked at."""


class Coverage(Document):
    """What the rules could judge and what they could not."""

    rules: Count
    """Rules in the table of outcomes."""
    outcomes: dict[Outcome, Count]
    """Number of rules by outcome."""
    not_judged: list[Unjudged]
    """Rules that judged nothing."""
    partly_judged: list[Unjudged]
    """Rules that judged some of their lines and not others."""
    reasons: list[Reason]
    """The reasons behind both lists."""


class Summary(Document):
    """`summary.json`: what a run found. Equal inputs, rules, reference and as-of date give an equal
    summary."""

    records: Records
    """The accounting over all input files."""
    claim_lines: Count
    """Claim lines judged; more than `records.claim_records` in layouts with several per record."""
    superseded_lines: Count
    """Lines that a void or replacement took back, voids included."""
    exceptions: Count
    """Rows of the exceptions table."""
    lines_with_exceptions: Count
    """Claim lines with at least one exception."""
    amount_at_risk: Usd
    """Money at risk on all lines with exceptions, USD; each line counted once."""
    by_severity: list[SeverityTotals]
    """Gravest first. A line may stand under several severities, so rows do not add up."""
    by_category: list[CategoryTotals]
    """Most exceptions first."""
    by_payer: list[PayerTotals]
    """Most exceptions first; exceptions about whole files or columns are left out."""
    by_rule: list[RuleTotals]
    """Worst first: by severity, then money at risk, then number of exceptions."""
    worst_rules: list[RuleTotals]
    """The first five of `by_rule`."""
    coverage: Coverage
    """What was judged and what was not, and why."""
    skipped_files: list[str]
    """Files in the given folders that were not read, each with the reason."""


class Input(Document):
    """A file that was read."""

    file: str
    """Name of the file in the tables, unique in the run."""
    number: Annotated[int, Field(ge=1)]
    """Position in the sorted list of inputs."""
    bytes: Count
    """Size as stored."""
    sha256: Sha256
    """SHA-256 of the stored bytes."""
    format: Literal["csv", "parquet"]
    """Delimited text or Parquet."""
    compression: Literal["gzip", "zstd"] | None
    """Compression, by magic bytes."""
    encoding: str | None
    """Encoding of the text; null for Parquet."""
    delimiter: str | None
    """Delimiter of the text; null for Parquet."""
    layout: str
    """Layout that mapped the columns."""
    mapped: dict[str, str]
    """The file's column by field of the contract."""
    unmapped_columns: list[str]
    """Columns of the file that no field is read from."""
    accounting: Records
    """The accounting of this file."""
    notes: list[str]
    """What of the file is not read."""


class RuleUsed(Document):
    """A rule of the run."""

    rule_id: str
    """Id of the rule."""
    rule_name: str
    """Dotted name of the rule."""
    since: str
    """Version of claim-audit that the rule came with."""
    status: Literal["stable", "preview"]
    """Whether the rule is settled."""


class ReferenceTable(Document):
    """A reference table of the run."""

    table: str
    """Name of the table."""
    origin: str
    """Where it came from: the package, or the user's own."""
    release: str
    """Release of the facts in it."""
    rows: Count
    """Rows."""
    valid_from: Day | None
    """First day that a row names; null where one is open on that side."""
    valid_to: Day | None
    """Last day that a row names; null where one is open on that side."""
    complete: bool
    """Whether what is not in it does not exist."""
    sha256: Sha256
    """SHA-256 of its content."""


class ReferenceUsed(Document):
    """The reference tables of the run."""

    sha256: Sha256
    """SHA-256 over all tables."""
    tables: list[ReferenceTable]
    """One entry per table."""


class Versions(Document):
    """Versions of the program and of what it computes with."""

    claim_audit: str
    """claim-audit itself."""
    python: str
    """Python."""
    polars: str
    """Polars."""
    pyarrow: str
    """PyArrow."""
    pandera: str
    """pandera."""


class StageCost(Document):
    """What a stage of the run took."""

    stage: str
    """Name of the stage."""
    seconds: Annotated[float, Field(ge=0)]
    """Seconds by the clock."""
    peak_memory_bytes: Count
    """The most resident memory of the process meanwhile; on other systems than Linux, since it
    began. On Spark that of the driver."""


class Cost(Document):
    """What the run took."""

    stages: list[StageCost]
    """The stages in order; a stage that came several times stands once."""
    peak_memory_bytes: Count
    """Peak resident memory of the process."""
    memory_budget_bytes: Count | None
    """Memory that the run was allowed; null on Spark, where the number of buckets decides."""
    threads: Annotated[int, Field(ge=1)]
    """Threads that Polars used."""


class Masking(Document):
    """How member numbers were replaced."""

    method: str
    """The keyed hash."""
    key: Literal["file", "random"]
    """From a key file, so that runs with the same key can be compared; or drawn for this run and
    forgotten."""
    key_id: Annotated[str, Field(pattern="^[0-9a-f]{8}$")]
    """Equal in runs with the same key; tells nothing else of it."""


class Written(Document):
    """A file of the run folder."""

    file: str
    """Name."""
    bytes: Count
    """Size."""
    sha256: Sha256
    """SHA-256."""
    rows: Count | None
    """Rows of a table; null for other files."""


class Manifest(Document):
    """`manifest.json`: what was read, by what, and what was written. It is written last: a folder
    without it is no result."""

    claim_audit: Literal["run"]
    """Marks the folder as a run of claim-audit."""
    run_id: str
    """Name of the run folder."""
    written_at: Annotated[str, Field(pattern="^[0-9-]{10}T[0-9:]{8}Z$")]
    """When the folder was written, UTC."""
    versions: Versions
    """Versions of the program."""
    as_of: Day
    """The day the audit took for today."""
    inputs: list[Input]
    """Files read."""
    skipped: list[str]
    """Files in the given folders that were not read, each with the reason."""
    rules: list[RuleUsed]
    """Rules that ran."""
    rules_sha256: Sha256
    """SHA-256 over the source of all rules."""
    parameters: dict[str, dict[str, JsonValue]]
    """Parameters of the rules that have any, by rule id."""
    reference: ReferenceUsed
    """Reference tables and policies."""
    settings: dict[str, JsonValue]
    """The settings as they were resolved, but for the parameters of rules."""
    masking: Masking | None
    """How member numbers were replaced; null where they stand as they were read."""
    cost: Cost
    """Time and memory."""
    files: list[Written]
    """The other files of the folder."""
