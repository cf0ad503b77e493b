"""What `make bench` and `make bench-large` write, from the figures that lie in this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import page, plots, profile_page

HERE = Path(__file__).parent
RESULTS, LARGE = HERE / "results.json", HERE / "large.json"
PROFILE = HERE.parent / "docs" / "profile.md"


def keep(file: Path, figures: dict[str, Any]) -> None:
    """Write figures down."""
    file.write_text(json.dumps(figures, indent=2) + "\n")


def publish() -> None:
    """Write page, plots and the measured part of the profile anew."""
    results = json.loads(RESULTS.read_text())
    large = json.loads(LARGE.read_text()) if LARGE.exists() else None
    (HERE / "README.md").write_text(page.page(results, large))
    plots.draw(results, HERE)
    PROFILE.write_text(profile_page.renewed(PROFILE.read_text(), results))
