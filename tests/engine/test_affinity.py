"""Which engine of Polars runs what names none, and what is said where there is no GPU."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from claim_audit import audit
from claim_audit.config import Engine
from claim_audit.engine.affinity import affinity
from claim_audit.errors import ClaimAuditError

ONE = pl.LazyFrame({"a": [1]})


def set_to() -> str | None:
    return pl.Config.state()["POLARS_ENGINE_AFFINITY"]


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A cudf-polars that does nothing, so that Polars does all itself; plans it was shown."""
    shown: list[Any] = []

    def execute_with_cudf(plan: Any, *_: Any, config: Any) -> None:
        shown.append(plan)

    module = ModuleType("cudf_polars")
    module.execute_with_cudf = execute_with_cudf  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cudf_polars", module)
    return shown


@pytest.mark.parametrize(
    ("engine", "means"), [("local", "streaming"), ("spark", "streaming"), ("gpu", "gpu")]
)
@pytest.mark.parametrize("before", [None, "in-memory"])
def test_it_is_set_and_restored(on_gpu: list[Any], engine: Engine, means: str, before: Any) -> None:
    with pl.Config(engine_affinity=before):
        with affinity(engine):
            assert set_to() == means
        assert set_to() == before
        with pytest.raises(ValueError, match="broken"), affinity(engine):
            raise ValueError("broken")
        assert set_to() == before


def test_a_bare_collect_goes_to_the_gpu_and_falls_back(on_gpu: list[Any]) -> None:
    with affinity("gpu"):
        assert ONE.collect(engine="streaming").item() == 1
        assert on_gpu == []
        assert ONE.collect().item() == 1
    assert len(on_gpu) == 1
    assert ONE.collect().item() == 1
    assert len(on_gpu) == 1


def test_trap_collect_all_knows_no_gpu(on_gpu: list[Any]) -> None:
    with affinity("gpu"):
        assert pl.collect_all([ONE], engine="streaming")[0].item() == 1
        with pytest.raises(pl.exceptions.InvalidOperationError, match="collect_all"):
            pl.collect_all([ONE])


def test_without_cudf_it_is_2_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "cudf_polars", None)
    before = set_to()
    with pytest.raises(ClaimAuditError) as caught:
        audit(tmp_path / "nowhere.csv", engine="gpu")
    assert caught.value.exit_code == 2
    text = str(caught.value)
    assert text.startswith("--engine gpu: Polars cannot use a GPU here: cudf_polars is not inst")
    assert "pip install 'polars[gpu]'" in text
    assert set_to() == before


def test_a_cudf_that_breaks_is_2_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise OSError("no libcuda")

    monkeypatch.setattr("claim_audit.engine.affinity.import_module", broken)
    with pytest.raises(ClaimAuditError, match="cudf_polars breaks with OSError"), affinity("gpu"):
        pass
