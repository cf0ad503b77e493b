"""`claim-audit run`: the audit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from claim_audit.cli.reference import PolicyFiles, ReferenceFolder
from claim_audit.cli.terminal import plain, print_json, reading, tell_stage

INPUT, RULES, OUTPUT = "Input", "Rules and reference", "Output"
MACHINE, CLUSTER = "Machine", "Cluster"


def run(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Files, folders or patterns; together one extract."),
    ],
    layout: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="How columns map to fields. (default: by the header)",
            rich_help_panel=INPUT,
        ),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            help="Character between fields, or 'tab'. (default: detected)", rich_help_panel=INPUT
        ),
    ] = None,
    quote: Annotated[
        str | None,
        typer.Option(
            help="Quoting character, '' for none. (default: detected)", rich_help_panel=INPUT
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of the text. (default: detected)", rich_help_panel=INPUT),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where run folders are made. (default: reports)",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    run_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Name of the run folder. (default: from date, time and input)",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Settings file. (default: claim-audit.toml where there is one)"
        ),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The day taken for today. (default: today)",
            rich_help_panel=RULES,
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="IDS",
            help="Only these rules: ids, prefixes (UN) or names, with commas.",
            rich_help_panel=RULES,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="IDS", help="Not these rules.", rich_help_panel=RULES),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMATS",
            help="What tables are written as. (default: parquet,csv)",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning", "info", "never"] | None,
        typer.Option(
            help="Exit with 1 when an exception is this grave or graver. (default: error)",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    policy: PolicyFiles = None,
    reference: ReferenceFolder = None,
    mask_members: Annotated[
        bool,
        typer.Option("--mask-members", help="Write hashes of members.", rich_help_panel=OUTPUT),
    ] = False,
    mask_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Mask with the key in this file, the same in every run. (default: a random key)",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="How many threads to work in. (default: one for each processor)",
            rich_help_panel=MACHINE,
        ),
    ] = None,
    memory_budget: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Memory to use, such as 4GiB or 800MB. (default: half of what there is)",
            rich_help_panel=MACHINE,
        ),
    ] = None,
    engine: Annotated[
        Literal["local", "gpu", "spark"] | None,
        typer.Option(help="Where lines are judged. (default: local)", rich_help_panel=MACHINE),
    ] = None,
    master: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Spark master. (default: the open session, or Spark's settings)",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    remote: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Spark Connect server, sc://HOST:PORT.", rich_help_panel=CLUSTER
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for working copies that all machines share. (default: --out)",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    buckets: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="In how many parts Spark judges the lines. (default: by their number)",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    record_key: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help="INPUTs are tables that Spark reads; these columns, with commas, tell their "
            "records apart.",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the summary as JSON, and only that.", rich_help_panel=OUTPUT
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Print neither summary nor progress.", rich_help_panel=OUTPUT
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="Print what each stage takes, on stderr; not with --quiet.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
) -> int:
    """Audit claim files and write the reports.

    What is not given comes from the environment (CLAIM_AUDIT_OUT), the settings file, a default.
    """
    from datetime import UTC

    from claim_audit import errors
    from claim_audit.config import AuditConfig
    from claim_audit.threads import settle

    if quiet and verbose:
        raise errors.options_exclude("run", "--quiet", "--verbose")
    given = {
        "layout": layout,
        "delimiter": delimiter,
        "quote": quote,
        "encoding": encoding,
        "out": out,
        "run_id": run_id,
        "as_of": as_of and as_of.date(),
        "select": ",".join(select) if select else None,
        "ignore": ",".join(ignore) if ignore else None,
        "formats": formats,
        "fail_on": fail_on,
        "policy": tuple(policy) if policy else None,
        "reference": reference,
        "mask_members": mask_members or None,
        "mask_key": mask_key,
        "threads": threads,
        "memory_budget": memory_budget,
        "engine": engine,
        "master": master,
        "remote": remote,
        "work": work,
        "buckets": buckets,
        "record_key": record_key,
    }
    options = {name: "--" + name.replace("_", "-") for name in given} | {"formats": "--format"}
    settings = AuditConfig.load(config, spelled=options, **given)
    settle(settings.threads)

    from claim_audit.pipeline import audit
    from claim_audit.report import masking, run_folder
    from claim_audit.report.terminal import print_summary
    from claim_audit.rules.registry import choose

    if not choose(settings.select, settings.ignore):
        raise errors.no_rule_left()
    name = settings.run_id or run_folder.new_run_id(datetime.now(UTC), inputs)
    run_folder.check(settings.out, name)
    masking.key(settings.mask_key)
    on_stage = tell_stage if verbose else None
    with reading(quiet) as on_progress:
        result = audit(*inputs, config=settings, on_progress=on_progress, on_stage=on_stage)
        records = result.summary["records"]
        if not records["records"]:
            raise errors.no_records(entry["file"] for entry in result.manifest["inputs"])
        written = masking.masked(result, settings.mask_key, on_stage) if settings.masks else result
        folder = run_folder.write(written, settings.out, name, settings.formats, on_stage)
    if as_json:
        print_json({"run_id": name, "folder": str(folder), **written.summary})
    elif not quiet:
        print_summary(written, folder, plain())
    if result.rule_errors:
        raise errors.rules_crashed(result.rule_errors)
    if not result.summary["claim_lines"]:
        raise errors.no_claim_lines(records["records"], records["rejects"], folder)
    return int(result.fails_on(settings.fail_on))
