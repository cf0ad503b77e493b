"""Where the files that travel with the program are: in the wheel, or beside it in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("claim_audit")))


def schemas() -> Path:
    """The folder of layouts, the exported contract and the JSON Schemas of the outputs."""
    packed = _PACKAGE / "schemas"
    return packed if packed.is_dir() else _PACKAGE.parents[1] / "schemas"


def reference_data() -> Path:
    """The folder of the dated reference slices and policies."""
    return _PACKAGE / "reference" / "data"
