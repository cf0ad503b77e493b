"""What `claim-audit run` says where it cannot do its work: something one can act on, and no cell.

Each case makes the files of a working directory, and gives the arguments and what is said.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from cli_claims import CLEAN, COLUMNS, SECRET, csv, left_behind
from typer.testing import Result

from claim_audit import pipeline

Call = Callable[..., Result]
Case = Callable[[Path], tuple[list[str], list[str]]]


def empty_file(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").touch()
    return ["claims.csv"], ["claims.csv: the file is empty", "hint: export it again"]


def header_only(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv())
    return ["claims.csv"], ["claims.csv: there is no record under the header"]


def missing_file(place: Path) -> tuple[list[str], list[str]]:
    return ["nowhere.csv"], ["nowhere.csv: no such file or folder", "hint: check the spelling"]


def folder_without_data(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims").mkdir()
    (place / "claims" / "notes.docx").touch()
    return ["claims"], ["claims: the folder holds no claim data", "not read: notes.docx"]


def pattern_without_match(place: Path) -> tuple[list[str], list[str]]:
    return ["*.csv"], ["*.csv: the pattern matches no file"]


def column_missing(place: Path) -> tuple[list[str], list[str]]:
    header = [column.replace("hcpcs_code", "hcpcs_cod") for column in COLUMNS]
    (place / "claims.csv").write_text(",".join(header) + "\n" + csv(CLEAN).splitlines()[1] + "\n")
    said = ["no layout fits the header", "hcpcs_code missing (nearest: 'hcpcs_cod')"]
    return ["claims.csv"], [*said, "claim-audit layout suggest"]


def column_missing_in_the_layout_asked_for(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    said = ["layout 'ccw-rif-dme' finds no column for claim_id", "choose another --layout"]
    return ["claims.csv", "--layout", "ccw-rif-dme"], said


def two_layouts_matching(place: Path) -> tuple[list[str], list[str]]:
    header = "claim_id,hcpcs_code,service_from_date,claim_line_start_date"
    (place / "claims.csv").write_text(f"{header}\n{SECRET},A4231,2024-08-15,2024-08-15\n")
    said = ["several layouts fit the header equally well", "canonical reads 3 of 4", "--layout"]
    return ["claims.csv"], [*said, "tuva-medical-claim reads 3 of 4"]


def layout_not_there(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--layout", "canonicl"], ["did you mean 'canonical'?"]


def unreadable_date_column(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv({**CLEAN, "service_from_date": f"{SECRET} August"}))
    said = ["claims.csv: no cell of the date column 'service_from_date' can be read"]
    return ["claims.csv"], [*said, "YYYY-MM-DD", "hint: a layout can name another format"]


def cut_off_gzip(place: Path) -> tuple[list[str], list[str]]:
    text = csv(*({**CLEAN, "claim_id": f"{SECRET}{n * 7919 % 1000}"} for n in range(9000)))
    (place / "claims.csv.gz").write_bytes(gzip.compress(text.encode())[:-100])
    return ["claims.csv.gz"], ["claims.csv.gz: the compressed file is cut off", "export it again"]


def parquet_with_a_type_that_cannot_be(place: Path) -> tuple[list[str], list[str]]:
    frame = pl.DataFrame({**{name: [cell] for name, cell in CLEAN.items()}})
    frame.with_columns(service_from_date=pl.lit(True)).write_parquet(place / "claims.parquet")
    said = ["claims.parquet: column 'service_from_date' has type Boolean; expected date"]
    return ["claims.parquet"], said


def excel_workbook(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_bytes(b"PK\x03\x04" + SECRET.encode() * 100)
    return ["claims.csv"], ["this is a zip archive or an Excel workbook"]


def out_below_a_file(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    said = ["claims.csv/reports: the reports cannot be written", "hint: choose another --out"]
    return ["claims.csv", "--out", "claims.csv/reports"], said


def run_id_there_already(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    (place / "reports" / "mine").mkdir(parents=True)
    said = ["reports/mine: a run of this name is there already", "another --run-id"]
    return ["claims.csv", "--run-id", "mine"], said


def run_id_that_leaves_the_folder(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--run-id", "../mine"], [
        "--run-id: the value cannot be used",
        "letters, digits",
    ]


def unknown_rule(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--select", "UN-1"], ["no rule is called 'UN-1'", "did you mean"]


def no_rule_left(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    args = ["claims.csv", "--select", "UN-01", "--ignore", "UN"]
    return args, ["no rule is left to run", "at least one rule"]


def unknown_setting(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    (place / "claim-audit.toml").write_text('selct = ["UN"]\n')
    return ["claims.csv"], [
        "claim-audit.toml: there is no setting 'selct'",
        "did you mean 'select'?",
    ]


def mask_key_too_short(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    (place / "key").write_text("short")
    return ["claims.csv", "--mask-key", "key"], ["key: the key to mask member numbers", "5 bytes"]


def settings_file_missing(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--config", "mine.toml"], ["mine.toml: no such settings file"]


def policy_file_missing(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--policy", "mine.csv"], ["mine.csv cannot be read"]


def reference_folder_missing(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--reference", "mine"], ["mine: no reference tables in this folder"]


def date_in_another_form(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--as-of", "1722470400"], ["--as-of", "claim-audit run --help"]


def option_that_is_not_there(place: Path) -> tuple[list[str], list[str]]:
    return ["claims.csv", "--fast"], ["run: No such option: --fast", "claim-audit run --help"]


def memory_too_little(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    args = ["claims.csv", "--memory-budget", "100MB"]
    return args, ["--memory-budget: the value cannot be used: a run needs 512MiB or more"]


def no_threads(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "--threads", "0"], [
        "--threads: the value cannot be used",
        "or equal to 1",
    ]


def threads_that_polars_did_not_start_with(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    more = pl.thread_pool_size() + 1
    said = [
        f"setting threads: {more} threads are asked for",
        f"hint: set POLARS_MAX_THREADS={more}",
    ]
    return ["claims.csv", "--threads", str(more)], said


def gpu_without_its_package(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    said = ["--engine gpu: Polars cannot use a GPU here", "hint: pip install 'polars[gpu]'"]
    return ["claims.csv", "--engine", "gpu"], said


def quiet_and_verbose(place: Path) -> tuple[list[str], list[str]]:
    (place / "claims.csv").write_text(csv(CLEAN))
    return ["claims.csv", "-q", "-v"], ["run: --quiet and --verbose exclude each other"]


def no_input(place: Path) -> tuple[list[str], list[str]]:
    return [], ["run: Missing argument 'INPUT'"]


CASES: list[Case] = [
    empty_file,
    header_only,
    missing_file,
    folder_without_data,
    pattern_without_match,
    column_missing,
    column_missing_in_the_layout_asked_for,
    two_layouts_matching,
    layout_not_there,
    unreadable_date_column,
    cut_off_gzip,
    parquet_with_a_type_that_cannot_be,
    excel_workbook,
    out_below_a_file,
    run_id_there_already,
    run_id_that_leaves_the_folder,
    unknown_rule,
    no_rule_left,
    unknown_setting,
    mask_key_too_short,
    settings_file_missing,
    policy_file_missing,
    reference_folder_missing,
    date_in_another_form,
    option_that_is_not_there,
    memory_too_little,
    no_threads,
    threads_that_polars_did_not_start_with,
    gpu_without_its_package,
    quiet_and_verbose,
    no_input,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_it_is_2_one_line_and_nothing_is_left(
    call: Call, place: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cudf_polars", None)
    args, said = case(place)
    before = left_behind(place)

    result = call("run", *args)

    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("claim-audit: ")
    assert result.stderr.count("\n") == 1
    assert [words for words in said if words not in result.stderr] == [], result.stderr
    assert SECRET not in result.stderr
    assert left_behind(place) == before


@pytest.mark.parametrize(
    "case", [out_below_a_file, run_id_there_already, unknown_rule, mask_key_too_short]
)
def test_what_can_be_known_before_is_said_before_the_files_are_read(
    call: Call, place: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def must_not_run(*args: object, **kwargs: object) -> None:
        pytest.fail("the audit ran")

    monkeypatch.setattr(pipeline, "audit", must_not_run)
    args, _ = case(place)

    assert call("run", *args).exit_code == 2


def test_cp1252_is_read_without_a_word(call: Call, place: Path) -> None:
    text = csv({**CLEAN, "payer_name": "Société Générale"})
    (place / "claims.csv").write_bytes(text.encode("cp1252"))

    result = call("run", "claims.csv", "--run-id", "r", "-q")

    assert (result.exit_code, result.output) == (0, "")
    assert "Société Générale" in (place / "reports" / "r" / "exceptions.csv").read_text()


def test_a_parquet_file_with_numbers_and_timestamps_is_read(call: Call, place: Path) -> None:
    frame = pl.DataFrame({name: [cell] for name, cell in CLEAN.items()})
    frame.with_columns(
        pl.col("units").cast(pl.Float64),
        pl.col("place_of_service").cast(pl.Int64),
        pl.col("billing_npi").cast(pl.Int64),
        pl.col("service_from_date").str.to_datetime("%Y-%m-%d"),
    ).write_parquet(place / "claims.parquet")

    result = call("run", "claims.parquet", "-q")

    assert (result.exit_code, result.output) == (0, "")


def test_records_of_which_none_is_a_claim_line_are_reported_and_2(call: Call, place: Path) -> None:
    (place / "claims.csv").write_text(f"{csv(CLEAN).splitlines()[0]}\n{SECRET},x\n{SECRET},y\n")

    result = call("run", "claims.csv", "--run-id", "r", "-q")

    assert result.exit_code == 2
    assert "none of 2 records is a claim line, 2 of them rejected" in result.stderr
    assert SECRET not in result.stderr
    assert SECRET in (place / "reports" / "r" / "rejects.csv").read_text()


def test_a_file_name_cannot_break_the_line(call: Call, place: Path) -> None:
    result = call("run", "no\nsuch\x1b[31mfile.csv")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
