"""Kinds of line: what is worked out once per kind is what every line of it would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from unittest.mock import patch

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claim_audit import sample
from claim_audit.contract.cells import claim_lines
from claim_audit.contract.mapping import mapped_lines
from claim_audit.contract.survey import survey
from claim_audit.engine import benchmarks, line_pass
from claim_audit.engine import kinds as module
from claim_audit.engine.benchmarks import Usage
from claim_audit.engine.compile import Compiled, compile_rules
from claim_audit.engine.facts import Facts
from claim_audit.engine.kinds import kinds
from claim_audit.engine.lines import tallies
from claim_audit.ingest import read
from claim_audit.ingest.layouts import builtin, match
from claim_audit.reference.tables import Reference
from claim_audit.rules.alike import fingerprint
from claim_audit.rules.line import Line
from claim_audit.rules.profile import profile
from claim_audit.rules.registry import choose


@dataclass(frozen=True)
class Given:
    """Claim lines with every planted error, and what judges them."""

    lines: pl.LazyFrame
    line: Line
    compiled: Compiled


@pytest.fixture(scope="module", params=[3, 4])
def given(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Given:
    folder = tmp_path_factory.mktemp("sample")
    sample.write(folder, lines=3000, seed=request.param, format="csv", error_rate=0.3)
    layouts = builtin()
    extract = read(
        [folder / "claims.csv"],
        work=tmp_path_factory.mktemp("work"),
        match=lambda name, header: match(name, header, layouts, None),
    )
    (file,) = extract.files
    seen, reference = survey(mapped_lines(file)), Reference.load()
    batch = profile(
        extract.files, [seen], reference, as_of=date(2026, 1, 1), bare_medicare="medicare_ffs"
    )
    line = Line(reference, batch)
    return Given(claim_lines(file, seen), line, compile_rules(choose(), line, {}))


@pytest.fixture(params=[2**63, 2**20], ids=["few words", "many words"])
def word(request: pytest.FixtureRequest) -> Iterator[int]:
    with patch.object(module, "_WORD", request.param):
        yield request.param


def test_lines_of_a_kind_have_its_marks_and_its_fields(given: Given, word: int) -> None:
    marks = Facts(given.line).marks
    assert (len(marks.words) > 1) == (word < 2**63)
    found = kinds(given.lines, marks)
    told = [name for name in found.table.columns if name != "n"]
    by_kind = found.of_lines.select("kind").join(
        found.table.with_row_index("kind"), on="kind", maintain_order="left"
    )
    by_line = marks.on(given.lines).select(told).collect()
    assert_frame_equal(by_kind.select(told), by_line)
    assert found.table.select(told).is_unique().all()
    assert found.table["n"].sum() == found.of_lines.height == by_line.height


def test_judging_kinds_is_judging_lines(given: Given, word: int) -> None:
    checks, facts = given.compiled.alone, Facts(given.line)
    shown = {"line_id": pl.col("line_id"), "lob": pl.col("lob"), "content": pl.col("content")}
    judged = line_pass.judged(given.lines, shown, {}, checks, facts)
    asked = {
        name: expr
        for check in checks
        for name, expr in (
            (check.name, check.violation),
            (f"{check.name}|population", check.judged.population),
            (
                f"{check.name}|evaluated",
                check.judged.evaluated & check.finding.violation.is_not_null(),
            ),
            (f"{check.name}|no_reference", check.judged.no_reference),
        )
    }
    wanted = set(shown).union(*(check.columns for check in checks))
    marked = facts.marks.on(given.lines).with_columns(**facts.marks.words)
    about = facts.of_marks(marked, wanted)
    by_line = (
        facts.of_lines(about.with_columns(marks=fingerprint(facts.marks.words)), wanted)
        .select(*shown.values(), **asked)
        .collect()
    )
    true = by_line.select(pl.col(list(asked)).sum()).row(0, named=True)
    assert judged.tallies == tallies(true, checks)
    fails = by_line.select(*shown, fails=pl.any_horizontal(check.name for check in checks))
    assert_frame_equal(judged.lines, fails)
    assert sum(tally.failed > 0 for tally in judged.tallies.values()) > 35


def test_counts_for_the_benchmarks_add_up_in_any_grouping(given: Given) -> None:
    facts, line = Facts(given.line), given.line
    columns, of_kind = benchmarks.columns(line), benchmarks.of_kind(line)

    def usage(lines: pl.LazyFrame) -> Usage:
        passed = line_pass.judged(lines, columns, of_kind, (), facts)
        return benchmarks.of_lines(passed.lines, passed.kinds, line)

    first, second, third = (usage(given.lines.slice(at, 1000)) for at in (0, 1000, 2000))
    together = benchmarks.merged([first, second, third])
    nested = benchmarks.merged([first, benchmarks.merged([second, third])])
    for name, counts in together.items():
        assert_frame_equal(counts, nested[name], check_row_order=False)
        assert_frame_equal(
            counts,
            benchmarks.merged([usage(given.lines), usage(given.lines.head(0))])[name],
            check_row_order=False,
        )
