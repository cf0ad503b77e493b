"""One audit on this machine: files to judgement, in memory that does not grow with the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from claim_audit import machine
from claim_audit.config import AuditConfig
from claim_audit.contract import judge
from claim_audit.contract.cells import Reader
from claim_audit.engine import exceptions, kernel
from claim_audit.engine.aside import Aside, InFolder, InMemory
from claim_audit.engine.audit import Audit, audit_batch, batch_of, chosen, concluded
from claim_audit.engine.compile import BREAKS, Compiled, compile_rules, described
from claim_audit.engine.stretches import cut, surveyed
from claim_audit.ingest import Extract
from claim_audit.reference.tables import Reference
from claim_audit.rules.line import Line
from claim_audit.stages import Stages


def audit_extract(
    extract: Extract, reference: Reference, config: AuditConfig, work: Path, stages: Stages
) -> Audit:
    """Judge all claim lines of an extract, and measure the stages of that.

    Args:
        extract: the files, read.
        reference: the tables.
        config: the settings.
        work: a folder for what memory need not hold.
        stages: measures.

    Raises:
        ClaimAuditError: a column cannot be read, or a rule or parameter that is named does not
            exist.
        InternalError: masks and judge disagree.
    """
    rules = chosen(config)
    parts = cut(extract.files, machine.memory_budget(config.memory_budget))
    aside: Aside = InFolder(work)
    with stages("survey"):
        if len(parts) == 1:
            parts, aside = [parts[0].held()], InMemory()
        surveys = surveyed(parts)
    with stages("profile"):
        batch = batch_of(extract.files, surveys, reference, config)
    with stages("plan"):
        line = Line(reference, batch)
        readers = {
            file.number: Reader(file, surveys[file.number], line.coded) for file in extract.files
        }
        lines = [partial(part.lines, readers) for part in parts]
        judge.gate(pl.concat(some(kernel.EVERY) for some in lines))
        compiled = compile_rules(rules, line, config.params)
    judgement, compiled = judged(lines, compiled, line, aside, stages)
    of_batch, batch_tallies, broken = audit_batch(rules, batch, config.params)
    compiled = compiled.without(broken)
    names = {file.number: file.name for file in extract.files}

    def table() -> pl.DataFrame:
        found = exceptions.table(judgement.parts, of_batch, rules, names, aside)
        return found.select(*exceptions.SCHEMA)

    return concluded(
        line,
        config,
        compiled,
        {**judgement.tallies, **batch_tallies},
        table,
        judgement.usage,
        judgement.superseded,
        stages,
    )


def judged(
    lines: Sequence[kernel.Lines], compiled: Compiled, line: Line, aside: Aside, stages: Stages
) -> tuple[kernel.Judgement, Compiled]:
    """The judgement, and the checks behind it: a rule that breaks is set aside, no other."""
    try:
        return kernel.audit_lines(lines, compiled, line, aside, stages), compiled
    except kernel.StepError as broke:
        crashed = _crashed(broke.step, compiled)
        if not crashed:
            raise broke.__cause__ or broke from None
    return judged(lines, compiled.without(crashed), line, aside, stages)


def _crashed(step: Callable[[Compiled], object], compiled: Compiled) -> dict[str, str]:
    """The rules with which alone a step of the work breaks, and what breaks."""
    crashed: dict[str, str] = {}
    for rule_id in compiled.rule_ids:
        try:
            step(compiled.only(rule_id))
        except BREAKS as broken:
            crashed[rule_id] = described(broken)
    return crashed
