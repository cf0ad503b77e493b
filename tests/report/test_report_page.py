"""The page: whole, readable without sight, without script or network, and inert."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from claim_audit.pipeline import AuditResult
from claim_audit.report import page

VOID = {"meta", "br", "hr", "img", "input", "link"}
FORMATS = ("parquet", "csv")


class Page(HTMLParser):
    """Tags with attributes, text, and whether every tag is closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.stack: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def rendered(result: AuditResult) -> Page:
    return Page(page.render(result, "run-1", FORMATS))


def with_texts(result: AuditResult, text: str) -> AuditResult:
    """The result with this text in every text cell that comes from the extract."""
    kept = {"rule_id", "rule_name", "category", "severity", "status", "delta", "member_id"}
    foreign = [c for c in result.exceptions.select(pl.col(pl.String)).columns if c not in kept]
    manifest = {
        **result.manifest,
        "inputs": [{**file, "file": text, "notes": [text]} for file in result.manifest["inputs"]],
        "skipped": [text],
    }
    return replace(
        result,
        exceptions=result.exceptions.with_columns(pl.lit(text).alias(c) for c in foreign),
        rejects=result.rejects.with_columns(source_file=pl.lit(text), reason=pl.lit(text)),
        rule_outcomes=result.rule_outcomes.with_columns(reason=pl.lit(text)),
        summary={**result.summary, "skipped_files": [text]},
        manifest=manifest,
    )


def test_what_stands_on_it(result: AuditResult) -> None:
    text = " ".join(rendered(result).text.split())
    assert "All 5 records of 1 file are accounted for." in text
    assert "3 exceptions on 2 of 4 claim lines, 198.30 USD at risk." in text
    assert "1 record could not be read as a claim line and was not judged." in text
    assert "7 lines = 1 header + 1 blank line + 4 claim records + 1 reject" in text
    assert "All 3, by severity and money at risk." in text
    assert "too few fields" in text
    assert "Units are not a positive whole number" in text
    assert "NPI check digit standard" in text
    assert result.manifest["inputs"][0]["sha256"] in text
    assert result.manifest["rules_sha256"] in text


def test_member_numbers_are_not_on_it(result: AuditResult) -> None:
    told = result.exceptions.with_columns(
        pl.format("{} twice: {}", "member_id", "member_id").alias("observed"),
        pl.col("member_id").alias("suggestion"),
    )
    html = page.render(replace(result, exceptions=told), "run", FORMATS)
    assert "MBR" not in html
    assert "not shown twice: not shown" in html


def test_landmarks_and_headings(result: AuditResult) -> None:
    seen = rendered(result)
    assert seen.stack == []
    assert seen.all("html") == [{"lang": "en"}]
    tags = Counter(tag for tag, _ in seen.tags)
    assert [tags[tag] for tag in ("header", "nav", "main", "footer", "h1", "title")] == [1] * 6
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert all(below <= above + 1 for above, below in pairwise(levels))
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {str(attrs["href"])[1:] for attrs in seen.all("a") if str(attrs["href"])[0] == "#"}
    labels = {attrs["aria-labelledby"] for _, attrs in seen.tags if "aria-labelledby" in attrs}
    assert targets | labels <= set(ids)


def test_tables_can_be_heard(result: AuditResult) -> None:
    seen = rendered(result)
    tags = Counter(tag for tag, _ in seen.tags)
    assert tags["table"] == tags["caption"] == tags["thead"]
    assert {attrs.get("scope") for attrs in seen.all("th")} == {"row", "col"}
    regions = [attrs for attrs in seen.all("div") if attrs.get("role") == "region"]
    assert len(regions) == tags["table"]
    assert all(attrs["tabindex"] == "0" for attrs in regions)


def test_no_script_and_no_network(result: AuditResult) -> None:
    html = page.render(result, "run", FORMATS)
    seen = Page(html)
    tags = {tag for tag, _ in seen.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    names = {name for _, attrs in seen.tags for name in attrs}
    assert not {name for name in names if name.startswith("on") or name in {"src", "style"}}
    assert not re.search(r"https?://|@import|url\(", html)
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(a["content"] for a in seen.all("meta") if "http-equiv" in a)
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("' onmouseover='alert(1)")
@example("</style></td></table>{{ 7 * 7 }}{% raw %}")
@example("=cmd|'/c calc'!A1")
@example("two\nlines")
@example("\u202eright to left\u202c")
@settings(deadline=None, max_examples=25)
def test_no_cell_is_more_than_text(result: AuditResult, text: str) -> None:
    hostile, benign = rendered(with_texts(result, text)), rendered(with_texts(result, "benign"))
    assert hostile.tags == benign.tags
    assert hostile.stack == []
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", hostile.text)


def test_unseen_characters_are_seen(result: AuditResult) -> None:
    html = page.render(with_texts(result, "a\u202eb\nc\x1b[31m"), "run", FORMATS)
    assert "a⟨U+202E⟩b␊c␛[31m" in html


def test_one_rule_leaves_room_for_the_others(result: AuditResult) -> None:
    row = result.exceptions.filter(pl.col("rule_id") == "UN-01").head(1)
    other = result.exceptions.filter(pl.col("rule_id") == "ID-01")
    many = replace(result, exceptions=pl.concat([*[row] * 400, other]))
    shown = page.worst(many.exceptions)
    assert shown["rule_id"].to_list() == ["UN-01"] * page.OF_EACH_RULE + ["ID-01"]


def test_worst_first(result: AuditResult) -> None:
    risks: list[Any] = page.worst(result.exceptions)["amount_at_risk"].to_list()
    assert [str(risk) for risk in risks] == ["150.00", "48.30", "150.00"]


def test_a_long_text_is_cut(result: AuditResult) -> None:
    shown = page.worst(with_texts(result, "x" * 900).exceptions)
    assert shown["message"][0] == "x" * page.CHARACTERS + "…"


def test_a_clean_extract(audited: Callable[..., AuditResult]) -> None:
    lines = "C4,1,M3,Aetna,commercial,1234567893,12,2024-08-01,2024-08-01,A4231,,10,150,120,96\n"
    text = " ".join(rendered(audited(lines)).text.split())
    assert "No exception on 1 claim line." in text
    assert "No rule that judged found anything." in text


@pytest.mark.parametrize("formats", [("csv",), ()])
def test_links_lead_to_what_is_written(result: AuditResult, formats: tuple[str, ...]) -> None:
    links = {str(a["href"]) for a in Page(page.render(result, "run", formats)).all("a")}
    tables = {f"{name}.{ending}" for name in result.tables for ending in formats}
    assert {link for link in links if link[0] != "#"} == {*tables, "summary.json", "manifest.json"}
