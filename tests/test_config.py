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


def test_the_gpu_is_an_engine_and_no_cluster() -> None:
    assert AuditConfig.load(engine="gpu").engine == "gpu"
    assert "it is for the engine 'spark'" in refusal(engine="gpu", buckets=3)


def test_threads_from_the_caller_the_environment_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert AuditConfig.load().threads is None
    (tmp_path / "claim-audit.toml").write_text("threads = 1\n")
    assert AuditConfig.load().threads == 1
    monkeypatch.setenv("CLAIM_AUDIT_THREADS", "2")
    assert AuditConfig.load().threads == 2
    assert AuditConfig.load(threads=3).threads == 3


@pytest.mark.parametrize("number", ["0", "-1", "1025", "1.5", "many", ""])
def test_numbers_of_threads_that_cannot_be(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("CLAIM_AUDIT_THREADS", number)
    assert refusal().startswith("CLAIM_AUDIT_THREADS: the value cannot be used: it should be ")


@pytest.mark.parametrize(
    ("size", "number"),
    [
        ("2GiB", 2 << 30),
        ("2 gib", 2 << 30),
        ("800MB", 800_000_000),
        ("4G", 4_000_000_000),
        ("1.5GB", 1_500_000_000),
        ("512MiB", 512 << 20),
        ("536870912", 512 << 20),
    ],
)
def test_sizes_of_memory(monkeypatch: pytest.MonkeyPatch, size: str, number: int) -> None:
    assert AuditConfig.load(memory_budget=size).memory_budget == number
    monkeypatch.setenv("CLAIM_AUDIT_MEMORY_BUDGET", size)
    assert AuditConfig.load().memory_budget == number


def test_sizes_of_memory_in_the_file(tmp_path: Path) -> None:
    for written in ("2147483648", '"2GiB"'):
        (tmp_path / "claim-audit.toml").write_text(f"memory_budget = {written}\n")
        assert AuditConfig.load().memory_budget == 2 << 30


@pytest.mark.parametrize("size", ["much", "4Gi", "", "-4GB", "1e9", 1.5])
def test_sizes_of_memory_that_are_none(size: object) -> None:
    assert refusal(memory_budget=size) == (
        "memory_budget: the value cannot be used: it should be a size such as 4GiB or 800MB, "
        "or a number of bytes"
    )


@pytest.mark.parametrize("size", ["511MiB", "0", 2, 536_870_911])
def test_memory_that_is_too_little(size: object) -> None:
    assert refusal(memory_budget=size).endswith("cannot be used: a run needs 512MiB or more")


def test_memory_is_not_for_a_cluster() -> None:
    text = refusal(engine="spark", memory_budget="4GiB")
    assert text.endswith("cannot be used: on Spark the number of buckets decides")
