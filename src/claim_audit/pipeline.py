"""One audit from paths to result: the public function, and what it returns."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict

import polars as pl

from claim_audit import errors, machine, threads
from claim_audit.config import AuditConfig
from claim_audit.engine.affinity import affinity
from claim_audit.engine.audit import Audit
from claim_audit.engine.local import audit_extract
from claim_audit.ingest import Extract, Match, Progress, heads, read
from claim_audit.ingest.layouts import builtin, match, resolve
from claim_audit.reference.tables import Reference
from claim_audit.report.manifest import manifest
from claim_audit.report.summary import summary
from claim_audit.rules.form import SEVERITIES
from claim_audit.stages import OnStage, Stages


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    Attributes:
        exceptions: a row per line and rule broken (columns of `engine.exceptions.SCHEMA`).
        rule_outcomes: a row per rule (`engine.outcomes.SCHEMA`).
        rejects: a row per record that is no claim line (`ingest.REJECTS`).
        benchmarks: a row per code and payer (`engine.benchmarks.SCHEMA`).
        summary: counts, money at risk and coverage, as `summary.json` holds them.
        manifest: inputs, accounting, versions, hashes and timings, as `manifest.json` holds them.
    """

    exceptions: pl.DataFrame
    rule_outcomes: pl.DataFrame
    rejects: pl.DataFrame
    benchmarks: pl.DataFrame
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """The tables by the name they are written under."""
        return {
            "exceptions": self.exceptions,
            "rule_outcomes": self.rule_outcomes,
            "rejects": self.rejects,
            "benchmarks": self.benchmarks,
        }

    @property
    def rule_errors(self) -> Sequence[str]:
        """Ids of rules that broke; any makes the exit code 3."""
        return self.rule_outcomes.filter(pl.col("outcome") == "error")["rule_id"].to_list()

    def fails_on(self, fail_on: str) -> bool:
        """Whether an open exception of the severity `fail_on`, or a worse one, was found."""
        if fail_on == "never":
            return False
        grave = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        found = self.exceptions.filter(pl.col("severity").is_in(grave), pl.col("status") == "open")
        return found.height > 0


def audit(
    *inputs: str | Path,
    config: AuditConfig | None = None,
    on_progress: Progress | None = None,
    on_stage: OnStage | None = None,
    **settings: Any,
) -> AuditResult:
    """Audit claim files and return the tables.

    Args:
        inputs: files, folders or globs; together they are one extract.
        config: the settings; none: defaults, `claim-audit.toml` and the environment.
        on_progress: called while bytes are read, with the file's name and bytes done and in all.
        on_stage: called after each stage, with what it took (see `stages.Stage`).
        settings: settings by name, where no `config` is given (see `AuditConfig`).

    Raises:
        ClaimAuditError: the audit could not be done; says what, where, and a hint.
        InternalError: a fault of claim-audit itself.
    """
    settled = config or AuditConfig.load(**settings)
    threads.settle(settled.threads)
    stages = Stages(on_stage)
    with affinity(settled.engine):
        with stages("load"):
            reference = Reference.load(settled.reference, settled.policy)
            how = _how(settled)
        with _working_folder(settled) as work:
            if settled.engine == "spark":
                extract, found = _on_spark(inputs, work, how, reference, settled, stages)
            else:
                with stages("read"):
                    extract = read(inputs, work=work, on_progress=on_progress, **how)
                found = audit_extract(extract, reference, settled, work, stages)
        return _result(extract, found, reference, settled, stages)


class _How(TypedDict):
    """How files are to be read."""

    match: Match
    delimiter: str | None
    quote: str | None
    encoding: str | None


def _how(config: AuditConfig) -> _How:
    layouts = builtin()
    chosen = resolve(config.layout) if config.layout else None
    return {
        "match": partial(_match, layouts=layouts, chosen=chosen),
        "delimiter": config.delimiter or (chosen.delimiter if chosen else None),
        "quote": config.quote,
        "encoding": config.encoding,
    }


@contextmanager
def _working_folder(config: AuditConfig) -> Iterator[Path]:
    """A folder for working copies, which goes again; for a cluster one that it shares."""
    above = None
    if config.engine == "spark":
        above = (config.work or config.out).absolute()
        try:
            above.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.work_not_writable(str(above), error.strerror or "no room") from error
    with tempfile.TemporaryDirectory(prefix=".claim-audit-", dir=above) as work:
        yield Path(work)


def _on_spark(
    inputs: Sequence[str | Path],
    work: Path,
    how: _How,
    reference: Reference,
    config: AuditConfig,
    stages: Stages,
) -> tuple[Extract, Audit]:
    from claim_audit.engine.spark import audit as spark  # noqa: PLC0415
    from claim_audit.engine.spark.cluster import cluster  # noqa: PLC0415

    with ExitStack() as session:
        with stages("start"):
            headed = () if config.record_key else heads(inputs, work=work, **how)
            machines = session.enter_context(cluster(config, work))
        with stages("read"):
            extract = (
                spark.read_extract(machines, *headed)
                if headed
                else spark.read_tables(machines, inputs, config.record_key, how["match"])
            )
        with stages("audit"):
            found = spark.audit_extract(machines, extract, reference, config)
    return extract.extract, found


def _match(name: str, header: tuple[str, ...], *, layouts: Any, chosen: Any) -> Any:
    return match(name, header, layouts, chosen)


def _result(
    extract: Extract, found: Audit, reference: Reference, config: AuditConfig, stages: Stages
) -> AuditResult:
    with stages("summary"):
        told = summary(extract, found)
    budget = None if config.engine == "spark" else machine.memory_budget(config.memory_budget)
    return AuditResult(
        exceptions=found.exceptions,
        rule_outcomes=found.rule_outcomes,
        rejects=extract.rejects,
        benchmarks=found.benchmarks,
        summary=told,
        manifest=manifest(
            extract,
            found,
            reference,
            config,
            stages.added_to(
                {
                    "stages": [],
                    "peak_memory_bytes": 0,
                    "memory_budget_bytes": budget,
                    "threads": pl.thread_pool_size(),
                }
            ),
            {
                "claim_audit": version("claim-audit"),
                "python": platform.python_version(),
                **{name: version(name) for name in ("polars", "pyarrow", "pandera")},
            },
        ),
    )
