"""What must hold of the kernel whatever the claims: partition, order, threads, broken records."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from claim_audit import sample
from claim_audit.config import AuditConfig
from claim_audit.contract.cells import claim_lines
from claim_audit.contract.mapping import mapped_lines
from claim_audit.contract.survey import survey
from claim_audit.engine import stretches
from claim_audit.engine.compile import compile_rules
from claim_audit.engine.facts import Facts
from claim_audit.engine.lines import Verdicts
from claim_audit.ingest import read
from claim_audit.ingest.layouts import builtin, match
from claim_audit.pipeline import audit
from claim_audit.reference.tables import Reference
from claim_audit.rules.line import Line
from claim_audit.rules.profile import profile
from claim_audit.rules.registry import choose

CONFIG = AuditConfig(as_of=date(2026, 1, 1), layout="canonical")
FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
IDENTITY = ["exception_id", "rule_id", "severity", "claim_id", "claim_line_number", "observed"]
LINE_AND_MEMBER = pl.col("source_row").is_not_null()


@cache
def planted(folder: Path, seed: int, lines: int = 1500) -> pl.DataFrame:
    out = folder / f"sample-{seed}"
    sample.write(out, lines=lines, seed=seed, format="csv", error_rate=0.2)
    return pl.read_csv(out / "claims.csv", infer_schema=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


def exceptions(claims: pl.DataFrame, path: Path) -> pl.DataFrame:
    claims.write_csv(path)
    return audit(path, config=CONFIG).exceptions


@FEW
@given(seed=st.integers(0, 2**16), parts=st.integers(2, 5), data=st.data())
def test_any_partition_by_member_gives_the_same_exceptions(
    folder: Path, tmp_path: Path, seed: int, parts: int, data: st.DataObject
) -> None:
    claims = planted(folder, seed)
    members = claims["member_id"].unique().sort().to_frame()
    assigned = members.with_columns(
        part=pl.Series(
            data.draw(
                st.lists(
                    st.integers(0, parts - 1), min_size=members.height, max_size=members.height
                )
            )
        )
    )
    split = claims.join(assigned, on="member_id", how="left", nulls_equal=True)
    whole = exceptions(claims, tmp_path / "whole.csv").filter(LINE_AND_MEMBER)
    of_parts = pl.concat(
        exceptions(split.filter(pl.col("part") == part).drop("part"), tmp_path / "part.csv").filter(
            LINE_AND_MEMBER
        )
        for part in range(parts)
        if split.filter(pl.col("part") == part).height
    )
    assert_frame_equal(
        whole.select(IDENTITY).sort(IDENTITY), of_parts.select(IDENTITY).sort(IDENTITY)
    )


@FEW
@given(seed=st.integers(0, 2**16), shuffle=st.integers(0, 1000))
def test_the_order_of_records_changes_no_finding(
    folder: Path, tmp_path: Path, seed: int, shuffle: int
) -> None:
    claims = planted(folder, seed)
    columns = ["rule_id", "claim_id", "claim_line_number", "severity"]
    # of two equal records the later one is the copy, so order tells copies apart and nothing else
    here = exceptions(claims, tmp_path / "a.csv").filter(LINE_AND_MEMBER)
    there = exceptions(
        claims.sample(fraction=1, shuffle=True, seed=shuffle), tmp_path / "b.csv"
    ).filter(LINE_AND_MEMBER)
    assert_frame_equal(here.select(columns).sort(columns), there.select(columns).sort(columns))


@FEW
@given(
    seed=st.integers(0, 2**16),
    where=st.floats(0, 1),
    broken=st.sampled_from(["too,few", "x," * 80, 'stray "quote,', "nul\0,", "", "TRAILER,000099"]),
)
def test_one_bad_record_hides_nothing(
    folder: Path, tmp_path: Path, seed: int, where: float, broken: str
) -> None:
    claims = planted(folder, seed, 400)
    path = tmp_path / "claims.csv"
    before = exceptions(claims, path)
    records = path.read_text().split("\n")
    at = 1 + int(where * (len(records) - 2))
    path.write_text("\n".join([*records[:at], broken, *records[at:]]))
    after = audit(path, config=CONFIG)
    assert_frame_equal(
        before.select(IDENTITY).sort(IDENTITY), after.exceptions.select(IDENTITY).sort(IDENTITY)
    )
    assert after.rejects.height == (1 if broken else 0)


@FEW
@given(seed=st.integers(0, 2**16), lines=st.integers(40, 900))
def test_stretches_change_nothing(folder: Path, tmp_path: Path, seed: int, lines: int) -> None:
    """However few lines memory holds at a time, the tables are the same, over two files too."""
    claims = planted(folder, seed)
    for number, half in enumerate(claims.iter_slices(claims.height // 2 + 1)):
        half.write_csv(tmp_path / f"{number}.csv")
    whole = audit(tmp_path, config=CONFIG).tables
    with patch.multiple(stretches, MOST_LINES=lines, FEWEST_LINES=1):
        in_stretches = audit(tmp_path, config=CONFIG).tables
    for name, table in whole.items():
        assert_frame_equal(table, in_stretches[name])


def test_stretches_keep_the_lines_of_a_wide_record_together(tmp_path: Path) -> None:
    lines = range(1, 14)
    codes = ["A4230", "A4231", "E0784", "J1817", ""]
    pl.DataFrame(
        {
            "CLM_ID": [f"{claim}" for claim in range(30)],
            "DESYNPUF_ID": [f"M{claim % 7}" for claim in range(30)],
            "CLM_FROM_DT": [f"2024{1 + claim % 12:02}01" for claim in range(30)],
            "CLM_THRU_DT": [f"2024{1 + claim % 12:02}02" for claim in range(30)],
            **{f"ICD9_DGNS_CD_{n}": ["25000"] * 30 for n in range(1, 9)},
            **{f"HCPCS_CD_{n}": [codes[(n * claim) % 5] for claim in range(30)] for n in lines},
            **{f"LINE_NCH_PMT_AMT_{n}": ["1.00"] * 30 for n in lines},
        }
    ).write_csv(tmp_path / "claims.csv")
    config = CONFIG.model_copy(update={"layout": "de-synpuf-carrier"})
    whole = audit(tmp_path, config=config)
    with patch.multiple(stretches, MOST_LINES=40, FEWEST_LINES=1):
        in_stretches = audit(tmp_path, config=config)
    assert whole.summary["claim_lines"] > 200
    assert whole.exceptions.height
    for name, table in whole.tables.items():
        assert_frame_equal(table, in_stretches.tables[name])


def test_threads_change_no_byte(folder: Path, tmp_path: Path) -> None:
    planted(folder, 7)
    source = folder / "sample-7" / "claims.csv"
    for threads in ("1", "2"):
        subprocess.run(
            [
                *(sys.executable, "-m", "claim_audit", "run", str(source), "--as-of", "2026-01-01"),
                *("--out", str(tmp_path), "--run-id", f"t{threads}"),
                *("--fail-on", "never", "--quiet"),
            ],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            check=True,
            cwd=tmp_path,
        )
    for table in ("exceptions", "rule_outcomes", "rejects", "benchmarks"):
        for suffix in ("parquet", "csv"):
            name = f"{table}.{suffix}"
            assert (tmp_path / "t1" / name).read_bytes() == (tmp_path / "t2" / name).read_bytes(), (
                name
            )


def test_trap_10_what_is_written_is_sorted_and_money_is_added_as_decimals(folder: Path) -> None:
    planted(folder, 7)
    result = audit(folder / "sample-7" / "claims.csv", config=CONFIG)
    table = result.exceptions
    keys = ["source_file", "source_row", "rule_id"]
    lines = table.filter(LINE_AND_MEMBER).select(keys)
    assert_frame_equal(lines, lines.sort(keys, maintain_order=True))
    assert table.schema["amount_at_risk"] == pl.Decimal(16, 2)
    assert result.rule_outcomes.schema["amount_at_risk"] == pl.Decimal(16, 2)


def test_trap_11_the_line_pass_streams_from_scan_to_output(folder: Path) -> None:
    """No node of the plan holds a whole column back: every look-up is elementwise."""
    planted(folder, 7)
    source = str(folder / "sample-7" / "claims.csv")
    assert set(physical_nodes(source)) <= {
        "multi-scan",
        "with-row-index",
        "select",
        "with-columns",
        "simple-projection",
    }


def physical_nodes(source: str) -> list[str]:
    layouts = builtin()
    with tempfile.TemporaryDirectory() as work:
        extract = read([source], work=Path(work), match=lambda n, h: match(n, h, layouts, None))
        reference = Reference.load()
        surveys = [survey(mapped_lines(file)) for file in extract.files]
        known = profile(
            extract.files, surveys, reference, as_of=CONFIG.as_of, bare_medicare="medicare_ffs"
        )
        (file,) = extract.files
        line = Line(reference, known)
        checks = [c for c in compile_rules(choose(), line, {}).line if not c.needs_member]
        wanted = set().union(*(check.columns for check in checks))
        facts = Facts(line)
        marked = facts.marks.on(claim_lines(file, surveys[0]))
        asked = Verdicts.of(checks)
        known = facts.of_lines(facts.of_marks(marked, wanted), wanted)
        plan = known.with_columns(**asked.first).select(**asked.then)
        graph = plan.show_graph(
            engine="streaming", plan_stage="physical", raw_output=True, show=False
        )
    return re.findall(r'label="([a-z-]+)', str(graph))
