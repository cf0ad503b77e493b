"""Layout files: what they may say, and that the built-in ones say it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from claim_audit import resources
from claim_audit.contract.claim_line import FIELDS, REQUIRED
from claim_audit.errors import ClaimAuditError
from claim_audit.ingest import layouts

BUILTIN = layouts.builtin()
NAMES = {
    "apcd-cdl",
    "canonical",
    "ccw-rif-dme",
    "de-synpuf-carrier",
    "generic",
    "lds-dme",
    "tuva-medical-claim",
}
MINIMAL = """
name = "mine"
title = "a test"
[columns]
claim_id = "id"
hcpcs_code = ["code", "hcpcs"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_built_in_layouts_are_there_and_named_like_their_files():
    stems = {path.stem for path in (resources.schemas() / "layouts").glob("*.toml")}
    assert set(BUILTIN) == stems == NAMES


@pytest.mark.parametrize("layout", BUILTIN.values(), ids=lambda layout: layout.name)
def test_a_built_in_layout_uses_the_contracts_fields_and_maps_the_required_ones(layout):
    wide = layout.repeat.columns if layout.repeat else {}
    fields = {*layout.columns, *layout.fallback, *layout.constants, *wide}
    assert fields <= set(FIELDS)
    assert set(REQUIRED) <= fields
    assert layout.title


def test_canonical_names_every_field_by_itself():
    assert BUILTIN["canonical"].columns == {field: (field,) for field in FIELDS}


def test_generic_reads_every_canonical_name_first():
    assert {field: names[0] for field, names in BUILTIN["generic"].columns.items()} == {
        field: field for field in FIELDS
    }


@pytest.mark.parametrize("layout", BUILTIN.values(), ids=lambda layout: layout.name)
def test_no_layout_offers_a_header_twice_for_one_field(layout):
    for field, names in layout.columns.items():
        assert len(set(names)) == len(names), field


def test_medicare_files_say_so():
    for name, claim_type in (
        ("ccw-rif-dme", "dme"),
        ("lds-dme", "dme"),
        ("de-synpuf-carrier", "practitioner"),
    ):
        constants = BUILTIN[name].constants
        assert constants["payer_name"] == "Medicare"
        assert constants["line_of_business"] == "medicare_ffs"
        assert constants["claim_type"] == claim_type


def test_rif_says_how_it_marks_voids_and_replacements():
    adjustment = BUILTIN["ccw-rif-dme"].adjustment
    assert adjustment == layouts.Adjustment(
        "CARR_CLM_ENTRY_CD", ("1",), ("5",), ("3",), "CARR_CLM_CNTL_NUM"
    )
    assert BUILTIN["ccw-rif-dme"].fallback == {"units": "LINE_SRVC_CNT"}
    assert BUILTIN["ccw-rif-dme"].columns["person_id"] == ("BENE_ID",)
    assert "member_id" not in BUILTIN["ccw-rif-dme"].columns


def test_a_minimal_layout_loads(tmp_path):
    layout = layouts.load(written(tmp_path, MINIMAL))
    assert layout.columns == {"claim_id": ("id",), "hcpcs_code": ("code", "hcpcs")}
    assert (layout.delimiter, layout.quote, layout.encoding) == (None, None, None)
    assert (layout.date_formats, layout.joined_modifiers) == ((), ())
    assert (layout.fallback, layout.constants) == ({}, {})
    assert (layout.adjustment, layout.repeat) == (None, None)


def test_every_section_is_read(tmp_path):
    layout = layouts.load(
        written(
            tmp_path,
            MINIMAL.replace("hcpcs_code", "units")
            + """
[dialect]
delimiter = "\\t"
quote = "'"
encoding = "cp1252"
[dates]
formats = ["%m/%d/%Y"]
[fallback]
units = "other"
[constants]
payer_name = "Aetna"
[modifiers]
joined = "mods"
[adjustment]
column = "freq"
replacement = ["R"]
void = "V"
[repeat]
count = 2
[repeat.columns]
hcpcs_code = "code_{n}"
""",
        )
    )
    assert (layout.delimiter, layout.quote, layout.encoding) == ("\t", "'", "cp1252")
    assert layout.date_formats == ("%m/%d/%Y",)
    assert layout.fallback == {"units": "other"}
    assert layout.constants == {"payer_name": "Aetna"}
    assert layout.joined_modifiers == ("mods",)
    assert layout.adjustment == layouts.Adjustment("freq", (), ("R",), ("V",), None)
    assert layout.repeat == layouts.Repeat(2, {"hcpcs_code": ("code_{n}",)})


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("[colums]\nx = 'y'", "did you mean 'columns'"),
        ("units_ = 'Qty'", "did you mean 'units'"),
        ("hcpcs = 'Code'", "did you mean 'hcpcs_code'"),
        ("[dates]\nformat = ['%Y%m%d']", "did you mean 'formats'"),
        ("[dates]\nformats = ['%Y-%m-d']", "did you mean '%Y-%m-%d'"),
        ("[constants]\npayer_nme = 'Aetna'", "did you mean 'payer_name'"),
        ("[fallback]\nunits = 'other'", "unknown name 'units' in [fallback]"),
        ("[dialect]\ndelimeter = ','", "did you mean 'delimiter'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path, addition, said):
    with pytest.raises(ClaimAuditError, match=r"mine\.toml: unknown name") as raised:
        layouts.load(written(tmp_path, MINIMAL + addition))
    assert said in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("units = 3", "[columns]: units"),
        ("units = []", "[columns]: units"),
        ("units = ['qty', ' ']", "[columns]: units"),
        ("[dialect]\ndelimiter = '||'", "one character"),
        ("[dialect]\nencoding = 'utf-9'", "an encoding"),
        ("[constants]\nunits = 1", "[constants]: units"),
        ("[constants]\nclaim_id = 'x'", "a field not in [columns] too"),
        ("[adjustment]\ncolumn = 'f'", "codes for replacement or void"),
        ("[adjustment]\ncolumn = 'f'\nvoid = '3'\nreplacement = '3'", "each said once"),
        ("[adjustment]\nvoid = ['8']", "[adjustment]: column"),
        (
            "claim_frequency_code = 'f'\n[adjustment]\ncolumn = 'f'\nvoid = ['8']",
            "a field not in [columns] too",
        ),
        ("[repeat]\ncount = 0\n[repeat.columns]\nunits = 'u{n}'", "from 1 to 255"),
        ("[repeat]\ncount = true\n[repeat.columns]\nunits = 'u{n}'", "from 1 to 255"),
        ("[repeat]\ncount = 2\n[repeat.columns]\nunits = 'u'", "{n}"),
        ("[repeat]\ncount = 2\n[repeat.columns]\nunits = 'u{n}'", "hcpcs_code"),
        (
            "[repeat]\ncount = 2\n[repeat.columns]\nhcpcs_code = 'u{n}'",
            "a field not in [columns] too",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path, addition, said):
    with pytest.raises(ClaimAuditError) as raised:
        layouts.load(written(tmp_path, MINIMAL + addition))
    assert said in str(raised.value)


def test_a_section_must_be_a_section(tmp_path):
    with pytest.raises(ClaimAuditError, match="a section"):
        layouts.load(written(tmp_path, 'columns = "x"\nname = "a"\ntitle = "b"'))


@pytest.mark.parametrize("missing", ["name", "title"])
def test_a_layout_has_a_name_and_a_title(tmp_path, missing):
    text = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(missing))
    with pytest.raises(ClaimAuditError, match=missing):
        layouts.load(written(tmp_path, text))


def test_a_file_that_is_no_layout_is_refused(tmp_path):
    with pytest.raises(ClaimAuditError, match="cannot be read"):
        layouts.load(tmp_path / "absent.toml")
    with pytest.raises(ClaimAuditError, match="cannot be read"):
        layouts.load(tmp_path)
    with pytest.raises(ClaimAuditError, match=r"at line 2, column 6"):
        layouts.load(written(tmp_path, "\nname 3"))
    (tmp_path / "mine.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ClaimAuditError, match="UTF-8"):
        layouts.load(tmp_path / "mine.toml")


def test_a_layout_is_found_by_name_or_path(tmp_path):
    assert layouts.resolve("generic") == BUILTIN["generic"]
    path = written(tmp_path, MINIMAL)
    assert layouts.resolve(path) == layouts.resolve(str(path)) == layouts.load(path)


@pytest.mark.parametrize(("wrong", "right"), [("canonicl", "canonical"), ("rif", "ccw-rif-dme")])
def test_an_unknown_layout_is_named_with_the_nearest_one(wrong, right):
    with pytest.raises(ClaimAuditError, match=f"did you mean '{right}'"):
        layouts.resolve(wrong)


def test_an_absent_layout_file_is_named():
    with pytest.raises(ClaimAuditError, match=r"absent\.toml: the layout cannot be read"):
        layouts.resolve("absent.toml")
