"""`claim-audit sample`: made-up claims with known errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from claim_audit.cli.terminal import progress


def sample(
    lines: Annotated[int, typer.Option(min=1, help="Claim lines to write.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write into.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    form: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="What the claims are written as.")
    ] = "csv",
    rate: Annotated[
        float,
        typer.Option("--errors", min=0, max=1, metavar="RATE", help="Planted errors per line."),
    ] = 0.03,
    kinds: Annotated[
        list[str] | None,
        typer.Option(metavar="KINDS", help="Only these kinds of errors. (default: all)"),
    ] = None,
    layout: Annotated[
        str, typer.Option(metavar="NAME", help="Layout of the claims: canonical or ccw-rif-dme.")
    ] = "canonical",
    dirty: Annotated[
        bool, typer.Option("--dirty", help="Damage records of the CSV file too.")
    ] = False,
) -> None:
    """Write a made-up claim extract of any size, and the truth about its planted errors.

    The claims and truth.parquet, which says which line must raise which rule, replace files of
    these names in the folder.
    """
    from claim_audit import errors
    from claim_audit.sample import write
    from claim_audit.sample.layouts import LAYOUTS

    if layout not in LAYOUTS:
        raise errors.sample_layout_unknown(layout, LAYOUTS)
    with progress() as bar:
        task = bar.add_task("writing claim lines", total=lines) if bar else None
        try:
            written = write(
                out,
                lines=lines,
                seed=seed,
                format=form,
                error_rate=rate,
                kinds=[kind for given in kinds for kind in given.split(",")] if kinds else None,
                layout=layout,
                dirty=dirty,
                on_progress=lambda done: (
                    bar.update(task, completed=done) if bar and task is not None else None
                ),
            )
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise errors.sample_not_writable(out, why) from error
    typer.echo(f"{written.lines} claim lines in {written.claims}, the truth in {written.truth}")
    planted = written.planted
    typer.echo(f"{sum(planted.values())} errors of {len(planted)} kinds planted")
