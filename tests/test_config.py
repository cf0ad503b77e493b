"""Settings from the caller, the environment and the file, and what is said when one is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claim_audit.config import AuditConfig
from claim_audit.errors import ClaimAuditError

LONGEST = "a" * 100


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLAIM_AUDIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal(**given: object) -> str:
    with pytest.raises(ClaimAuditError) as caught:
        AuditConfig.load(**given)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("text", ["UN", "UN,", " UN "])
def test_one_word_in_the_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CLAIM_AUDIT_SELECT", text)
    assert AuditConfig.load().select == ("UN",)


@pytest.mark.parametrize("text", ["UN,DT-02", "UN DT-02", "UN, DT-02"])
def test_words_in_the_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CLAIM_AUDIT_SELECT", text)
    monkeypatch.setenv("CLAIM_AUDIT_IGNORE", text)
    assert AuditConfig.load().select == AuditConfig.load().ignore == ("UN", "DT-02")


def test_formats_and_policies_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIM_AUDIT_FORMATS", "csv")
    monkeypatch.setenv("CLAIM_AUDIT_POLICY", "our rules.csv, more.csv")
    monkeypatch.setenv("CLAIM_AUDIT_PARAMS", '{"UN-01": {"a": 1}}')
    found = AuditConfig.load()
    assert found.formats == ("csv",)
    assert found.policy == (Path("our rules.csv"), Path("more.csv"))
    assert found.params == {"UN-01": {"a": 1}}


def test_words_and_lists_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "claim-audit.toml"
    file.write_text('select = "UN, DT"\nignore = ["UN-01"]\npolicy = ["a, b.csv"]\n')
    found = AuditConfig.load()
    assert (found.select, found.ignore) == (("UN", "DT"), ("UN-01",))
    assert found.policy == (Path("a, b.csv"),)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CLAIM_AUDIT_FAIL_ON", "sometimes", "it should be 'error', 'warning', 'info' or 'never'"),
        ("CLAIM_AUDIT_FORMATS", "csv xlsx", "it should be 'parquet' or 'csv'"),
        ("CLAIM_AUDIT_AS_OF", "yesterday", "it should be a valid date"),
        ("CLAIM_AUDIT_MASK_MEMBERS", "perhaps", "it should be a valid boolean"),
        ("CLAIM_AUDIT_RUN_ID", "../night", "a run id has up to 100 letters"),
        ("CLAIM_AUDIT_PARAMS", "UN-01", "it should be JSON"),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    text = refusal()
    assert text.startswith(f"{variable}: the value cannot be used: ")
    assert said in text
    assert "did you mean" not in text


def test_a_wrong_line_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "claim-audit.toml"
    file.write_text('fail_on = "sometimes"\n')
    assert refusal().startswith("claim-audit.toml, fail_on: the value cannot be used: ")
    file.write_text("[params]\nUN-01 = 3\n")
    assert refusal().startswith("claim-audit.toml, params.UN-01: the value cannot be used: ")
    file.write_text('selct = ["UN"]\n')
    assert refusal() == (
        "claim-audit.toml: there is no setting 'selct'; hint: did you mean 'select'?"
    )
    file.write_text("select = [\n")
    assert refusal().startswith("claim-audit.toml: the settings cannot be read (")


def test_a_wrong_setting_of_the_caller_is_named_as_the_caller_wrote_it() -> None:
    assert refusal(run_id="../night").startswith("run_id: the value cannot be used: ")
    spelled = {"run_id": "--run-id"}
    text = refusal(run_id="../night", spelled=spelled)
    assert text.startswith("--run-id: the value cannot be used: ")
    assert "did you mean" not in text


@pytest.mark.parametrize("run_id", ["a", "2024-08-15_night.2", LONGEST])
def test_run_ids_that_can_be(run_id: str) -> None:
    assert AuditConfig.load(run_id=run_id).run_id == run_id


@pytest.mark.parametrize("run_id", ["", ".", "..", "-a", "a/b", "a b", "é", "a\n", LONGEST + "a"])
def test_run_ids_that_cannot_be(run_id: str) -> None:
    assert "letters, digits, dots, hyphens and underscores" in refusal(run_id=run_id)


def test_a_key_for_masks_means_masks() -> None:
    assert not AuditConfig.load().masks
    assert AuditConfig.load(mask_members=True).masks
    assert AuditConfig.load(mask_key=Path("key")).masks


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("master", "local[2]"),
        ("remote", "sc://here"),
        ("work", Path("work")),
        ("buckets", 3),
        ("record_key", ("claim_id",)),
    ],
)
def test_settings_of_a_cluster_need_the_engine_for_it(setting: str, value: object) -> None:
    text = refusal(**{setting: value})
    assert text.startswith(f"{setting}: the value cannot be used: it is for the engine 'spark'")
    assert getattr(AuditConfig.load(engine="spark", **{setting: value}), setting) == value


def test_a_cluster_has_one_address() -> None:
    text = refusal(engine="spark", master="local[2]", remote="sc://here")
    assert text.startswith("remote: the value cannot be used: a remote and a master exclude")
