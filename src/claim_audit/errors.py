"""What can go wrong for the user, said so that the user can act on it.

Every error names what happened, where, what was expected and a hint. None of them ever
carries the value of a cell: column names, file names, counts and line numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from claim_audit.dates import spelled


class ClaimAuditError(Exception):
    """The audit could not be done: input, layout, configuration or reference (exit code 2)."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", expected: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.hint = hint
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled with all that it says, so that it can travel between processes."""
        return _again, (type(self), self.what, self.where, self.expected, self.hint)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        parts = [head]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "; ".join(parts)


def _again(
    kind: type[ClaimAuditError], what: str, where: str, expected: str, hint: str
) -> ClaimAuditError:
    return kind(what, where=where, expected=expected, hint=hint)


class InternalError(ClaimAuditError):
    """Our own fault: an identity broke, the judge disagreed, a rule crashed (exit code 3)."""

    exit_code = 3


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint that names the known word nearest to a wrong one; empty when none is near."""
    names = list(known)
    near = get_close_matches(word, names, n=1) or [name for name in names if word in name]
    return f"did you mean {near[0]!r}?" if near else ""


def layout_unknown(name: str, known: Iterable[str]) -> ClaimAuditError:
    """No built-in layout has this name."""
    names = sorted(known)
    return ClaimAuditError(
        f"there is no layout named {name!r}",
        expected=f"one of {', '.join(names)}, or a layout file",
        hint=did_you_mean(name, names) or "'claim-audit layouts' lists them",
    )


def layout_unreadable(path: str, why: str) -> ClaimAuditError:
    """A layout file that is absent or is no TOML."""
    return ClaimAuditError(
        f"the layout cannot be read: {why}", where=path, expected="a TOML file in UTF-8"
    )


def layout_key_unknown(path: str, key: str, section: str, known: Iterable[str]) -> ClaimAuditError:
    """A section, key or field name that layouts do not have."""
    names = sorted(known)
    return ClaimAuditError(
        f"unknown name {key!r} in {section}",
        where=path,
        hint=did_you_mean(key, names) or f"known names begin with {', '.join(names[:12])}",
    )


def layout_value_wrong(path: str, key: str, expected: str) -> ClaimAuditError:
    """A key of a layout whose value is of the wrong kind, or is missing."""
    return ClaimAuditError(f"{key!r} cannot be used", where=path, expected=expected)


def layout_column_missing(
    file: str, layout: str, gaps: Iterable[str], required: Iterable[str]
) -> ClaimAuditError:
    """The layout asked for has no column in this file for a field that no run can miss."""
    return ClaimAuditError(
        f"layout {layout!r} finds no column for {', '.join(gaps)}",
        where=file,
        expected=f"a column for each of {', '.join(required)}",
        hint="rename the column, choose another --layout or leave it out, or write a layout with "
        "'claim-audit layout suggest FILE'",
    )


def layout_header_twice(file: str, columns: Iterable[str]) -> ClaimAuditError:
    """A column that is read has the same name as another one."""
    return ClaimAuditError(
        f"more than one column is named {', '.join(map(repr, columns))}",
        where=file,
        expected="one column for each name that is read",
        hint="rename or remove the column that is not meant",
    )


def layout_header_is_data(file: str, columns: int) -> ClaimAuditError:
    """The first line of the file holds values where names should be."""
    return ClaimAuditError(
        f"the first line ({columns} columns) looks like data, not like column names",
        where=file,
        expected="a header line",
        hint="put the column names in the first line of the file",
    )


def layout_not_recognised(
    file: str, candidates: Iterable[str], required: Iterable[str]
) -> ClaimAuditError:
    """No layout fits the header well enough."""
    closest = " | ".join(candidates) or "no layout reads any of its columns"
    return ClaimAuditError(
        f"no layout fits the header: {closest}",
        where=file,
        expected=f"a known layout with columns for {', '.join(required)}",
        hint="rename the columns, give --layout, or write a layout with "
        "'claim-audit layout suggest FILE'",
    )


def layout_ambiguous(file: str, candidates: Iterable[str]) -> ClaimAuditError:
    """Several layouts fit the header equally well and would read it differently."""
    return ClaimAuditError(
        f"several layouts fit the header equally well: {' | '.join(candidates)}",
        where=file,
        expected="one layout",
        hint="choose one of them with --layout NAME, or write one with "
        "'claim-audit layout suggest FILE'",
    )


def unreadable_type(file: str, column: str, dtype: str, expected: str) -> ClaimAuditError:
    """A column's type cannot hold the field it is mapped to."""
    return ClaimAuditError(
        f"column {column!r} has type {dtype}",
        where=file,
        expected=expected,
        hint="map another column in the layout, or export this one as text",
    )


def unreadable_dates(file: str, column: str, formats: Iterable[str]) -> ClaimAuditError:
    """Not one cell of a required date column could be read."""
    return ClaimAuditError(
        f"no cell of the date column {column!r} can be read",
        where=file,
        expected="a date written as one of " + ", ".join(map(spelled, formats)),
        hint='a layout can name another format, such as [dates] formats = ["%d.%m.%Y"]; '
        "'claim-audit layout suggest FILE' writes one to start from",
    )


# Ingest: inputs, files, bytes, structure


def no_inputs() -> ClaimAuditError:
    """Nothing was given to read."""
    return ClaimAuditError("no input given", expected="one or more files, folders or globs")


def input_missing(path: str) -> ClaimAuditError:
    """A path that does not exist."""
    return ClaimAuditError(
        "no such file or folder", where=path, hint="check the spelling and the working directory"
    )


def glob_without_match(pattern: str) -> ClaimAuditError:
    """A glob that matches nothing."""
    return ClaimAuditError(
        "the pattern matches no file",
        where=pattern,
        hint="quote the pattern so that the shell passes it on, and check the folder in it",
    )


def folder_without_data(path: str, suffixes: str, skipped: tuple[str, ...]) -> ClaimAuditError:
    """A folder in which no file looks like claim data."""
    shown = "; ".join(skipped[:3]) + (f"; and {len(skipped) - 3} more" if len(skipped) > 3 else "")
    return ClaimAuditError(
        "the folder holds no claim data",
        where=path,
        expected=f"files ending in {suffixes}",
        hint=f"not read: {shown}" if skipped else "the folder is empty",
    )


def lakehouse_folder(path: str, kind: str) -> ClaimAuditError:
    """The folder of a table whose files hold rows that were since deleted or replaced."""
    return ClaimAuditError(
        f"this is the folder of a table ({kind}): its files hold rows that are no longer in it",
        where=path,
        expected="files, or folders of files, that are the claims",
        hint="write the table out as Parquet, or read it with --engine spark: delta:PATH, or its "
        "name in a catalog; where nothing was ever deleted or replaced, name its files",
    )


def not_a_file(path: str) -> ClaimAuditError:
    """A pipe, socket or device where a file is needed."""
    return ClaimAuditError(
        "not a regular file",
        where=path,
        expected="a file that can be read twice",
        hint="save the stream to a file first",
    )


def unreadable_file(name: str, why: str) -> ClaimAuditError:
    """The operating system refuses to open or read a file."""
    return ClaimAuditError(f"cannot be read ({why})", where=name, hint="check its permissions")


def empty_file(name: str) -> ClaimAuditError:
    """A file without a single record, not even a header."""
    return ClaimAuditError(
        "the file is empty",
        where=name,
        expected="a header record and claim records",
        hint="export it again, or leave it out of the run",
    )


def unsupported_format(name: str, kind: str) -> ClaimAuditError:
    """A file whose first bytes say it is something that is not read."""
    return ClaimAuditError(
        f"this is {kind}",
        where=name,
        expected="delimited text or Parquet, plain or compressed with gzip or zstd",
        hint="unpack it or export it as CSV or Parquet",
    )


def cut_off(name: str, text_bytes: int) -> ClaimAuditError:
    """A compressed file that ends too early."""
    return ClaimAuditError(
        f"the compressed file is cut off after {text_bytes} bytes of text",
        where=name,
        hint="copy or export it again; nothing of it was audited",
    )


def damaged_compression(name: str, compression: str, text_bytes: int) -> ClaimAuditError:
    """A compressed file whose content fails its own checks."""
    return ClaimAuditError(
        f"the {compression} data is damaged after {text_bytes} bytes of text",
        where=name,
        hint="copy or export it again; nothing of it was audited",
    )


def not_text(name: str) -> ClaimAuditError:
    """Neither Parquet nor text."""
    return ClaimAuditError(
        "neither delimited text nor Parquet",
        where=name,
        expected="a header record of column names in readable text",
        hint="if it is text in an unusual encoding, declare the encoding",
    )


def unknown_encoding(encoding: str) -> ClaimAuditError:
    """A declared encoding that Python does not know as text."""
    return ClaimAuditError(
        f"unknown encoding {encoding!r}", expected="a name such as utf-8, cp1252 or utf-16"
    )


def encoding_cut_off(name: str, encoding: str) -> ClaimAuditError:
    """Text that ends in the middle of a character, or is not in its encoding at all."""
    return ClaimAuditError(
        f"the text ends in the middle of a {encoding} character",
        where=name,
        hint="copy or export it again, or declare another encoding",
    )


def bad_delimiter(delimiter: str) -> ClaimAuditError:
    """A declared delimiter that cannot be one."""
    return ClaimAuditError(
        f"{delimiter!r} cannot separate fields",
        expected="one ASCII character that is no letter, digit, quote or line end; 'tab' for a tab",
    )


def bad_quote(quote: str) -> ClaimAuditError:
    """A declared quote character that cannot be one."""
    return ClaimAuditError(
        f"{quote!r} cannot quote fields",
        expected="one ASCII punctuation character other than the delimiter, or '' for none",
    )


def line_too_long(name: str, line_number: int, limit: int) -> ClaimAuditError:
    """Text without line ends."""
    return ClaimAuditError(
        f"no line end within {limit} bytes",
        where=f"{name}, line {line_number}",
        expected="one record a line",
        hint="this does not look like a file of records",
    )


def parquet_unreadable(name: str, why: str) -> ClaimAuditError:
    """A Parquet file without a usable footer or schema."""
    return ClaimAuditError(
        f"the Parquet file cannot be read: {why}",
        where=name,
        hint="copy or export it again; nothing of it was audited",
    )


def column_ambiguous(name: str, column: str) -> ClaimAuditError:
    """The layout maps a column whose header stands in the file more than once."""
    return ClaimAuditError(
        f"the header has more than one column {column!r}, and the layout maps it",
        where=name,
        expected="a mapped column to stand in the header once",
        hint="rename or drop the other column in the export",
    )


def work_not_writable(path: str, why: str) -> ClaimAuditError:
    """The working folder takes no more bytes."""
    return ClaimAuditError(
        f"cannot write the working copy ({why})",
        where=path,
        hint="free some space or choose another folder for temporary files",
    )


def parser_disagrees(name: str, line_number: int, expected: int, found: str) -> InternalError:
    """The parser saw other records than the structure pass."""
    return InternalError(
        f"the parser found {found} records where the structure pass counted {expected}",
        where=f"{name}, from line {line_number}",
        hint="this is a fault of the program: please report it",
    )


def identity_broken(name: str, one_side: str, other_side: str) -> InternalError:
    """The accounting identity of a file does not hold."""
    return InternalError(
        f"records are unaccounted for: {one_side} on one side, {other_side} on the other",
        where=name,
        hint="this is a fault of the program: please report it",
    )


def reference_unreadable(where: str, file: str, cause: str) -> ClaimAuditError:
    """A reference or policy file that is missing, damaged or not what its name says."""
    return ClaimAuditError(
        f"{file} cannot be read ({cause})",
        where=where,
        expected="a UTF-8 CSV file with commas, or a Parquet file",
        hint="check that the file is there, complete and readable",
    )


def reference_records_broken(where: str, file: str, records: Iterable[int]) -> ClaimAuditError:
    """Lines of a reference CSV with more or fewer fields than its header."""
    return ClaimAuditError(
        f"{file} has lines whose fields do not match its header: {_some(map(str, records))}",
        where=where,
        hint="quote cells that hold a comma; fill missing cells with nothing between the commas",
    )


def reference_columns_missing(
    where: str, file: str, missing: Iterable[str], found: Iterable[str]
) -> ClaimAuditError:
    """A reference or policy file without columns that it must have."""
    names, there = list(missing), list(found)
    return ClaimAuditError(
        f"{file} lacks what its table needs: {', '.join(names)}",
        where=where,
        hint="; ".join(filter(None, (did_you_mean(name, there) for name in names))),
    )


def reference_table_empty(where: str, file: str) -> ClaimAuditError:
    """A reference or policy file with a header and nothing under it."""
    return ClaimAuditError(
        f"{file} holds no rows",
        where=where,
        hint="remove the file to use the table of the package",
    )


def reference_cells_unreadable(
    where: str, column: str, places: Iterable[str], expected: str
) -> ClaimAuditError:
    """Cells that are not of the column's type: dates, numbers, flags."""
    return ClaimAuditError(
        f"column {column!r} cannot be read in {_some(places)}", where=where, expected=expected
    )


def reference_cells_misshapen(
    where: str, column: str, places: Iterable[str], pattern: str
) -> ClaimAuditError:
    """Codes and other keys that do not have the shape of the column."""
    return ClaimAuditError(
        f"column {column!r} has the wrong shape in {_some(places)}",
        where=where,
        expected=f"cells that match {pattern}",
    )


def reference_words_unknown(
    where: str, column: str, places: Iterable[str], known: Iterable[str]
) -> ClaimAuditError:
    """Cells outside the closed vocabulary of their column."""
    return ClaimAuditError(
        f"column {column!r} holds a word it may not hold in {_some(places)}",
        where=where,
        expected="one of " + ", ".join(known),
    )


def reference_cells_blank(where: str, column: str, places: Iterable[str]) -> ClaimAuditError:
    """Blank cells in a column that must be filled, such as `source`."""
    return ClaimAuditError(
        f"column {column!r} is blank in {_some(places)}",
        where=where,
        hint="every row names where its fact comes from" if column == "source" else "",
    )


def reference_condition_broken(
    where: str, column: str, when: str, places: Iterable[str], known: list[str]
) -> ClaimAuditError:
    """Cells that do not go with another cell of their row: a limit without a unit, say."""
    return ClaimAuditError(
        f"column {column!r} does not fit column {when!r} in {_some(places)}",
        where=where,
        expected="one of " + ", ".join(known) if known else "a value",
    )


def reference_interval_reversed(
    where: str, start: str, end: str, places: Iterable[str]
) -> ClaimAuditError:
    """Rows whose interval ends before it starts."""
    return ClaimAuditError(f"{start} is after {end} in {_some(places)}", where=where)


def reference_intervals_overlap(
    where: str, keys: Iterable[str], places: Iterable[str]
) -> ClaimAuditError:
    """Rows of one key that are in force on the same day."""
    return ClaimAuditError(
        f"two rows of the same {', '.join(keys)} are in force on one day, see {_some(places)}",
        where=where,
        hint="end the earlier row on the day before the later one starts",
    )


def reference_intervals_hole(
    where: str, keys: Iterable[str], places: Iterable[str]
) -> ClaimAuditError:
    """Days between two rows of one key on which neither is in force."""
    return ClaimAuditError(
        f"the rows of one {', '.join(keys)} leave days out, before {_some(places)}",
        where=where,
        hint="start the later row on the day after the earlier one ends",
    )


def reference_folder_unusable(folder: str, tables: Iterable[str]) -> ClaimAuditError:
    """A `--reference` folder that is missing or holds no CSV or Parquet file."""
    return ClaimAuditError(
        "no reference tables in this folder",
        where=folder,
        expected="files named after a table, .csv or .parquet: " + ", ".join(tables),
    )


def reference_table_unknown(file: str, tables: Iterable[str]) -> ClaimAuditError:
    """A file in the `--reference` folder that is no table's."""
    known = list(tables)
    return ClaimAuditError(
        "no reference table has this name",
        where=file,
        expected="one of " + ", ".join(known),
        hint=did_you_mean(file.rsplit(".", 1)[0], known),
    )


def reference_table_twice(folder: str, table: str) -> ClaimAuditError:
    """A `--reference` folder with a table as CSV and as Parquet."""
    return ClaimAuditError(
        f"table {table} is there as CSV and as Parquet", where=folder, hint="keep one of the two"
    )


def policy_file_unknown(file: str) -> ClaimAuditError:
    """A policy file that is neither about modifiers nor about other payer requirements."""
    return ClaimAuditError(
        "not a policy file",
        where=file,
        expected="a column 'requirement' (modifier policies) or 'topic' (payer policies)",
    )


def payer_aliases_conflict(conflicts: int) -> ClaimAuditError:
    """Payer names that are the same once spelling is evened out, and lead to different payers."""
    return ClaimAuditError(
        f"{conflicts} payer names lead to two payers or lines of business",
        where="reference table payers",
        hint="case, punctuation, spaces and company suffixes do not tell names apart",
    )


def reference_key_incomplete(table: str, keys: Iterable[str]) -> InternalError:
    """A look-up that leaves key columns out of which the table holds several values."""
    return InternalError(
        f"a look-up leaves out the key {', '.join(keys)}", where=f"reference table {table}"
    )


def _some(places: Iterable[str]) -> str:
    named = list(places)
    rest = len(named) - 5
    return ", ".join(named[:5]) + (f" and {rest} more" if rest > 0 else "")


def bare_medicare_unknown(known: Iterable[str]) -> ClaimAuditError:
    """A setting for a bare "Medicare" that is neither of its two lines of business."""
    return ClaimAuditError(
        "the line of business of a bare Medicare is not known",
        where="setting bare_medicare",
        expected="one of " + ", ".join(known),
    )


def gate_failed(columns: Iterable[str]) -> InternalError:
    """The claim lines do not have the contract's columns and types."""
    return InternalError(
        "claim lines do not keep to the contract in " + ", ".join(columns),
        hint="this is a fault of claim-audit; please report it",
    )


def judge_disagrees(counts: Iterable[tuple[str, int, int]]) -> InternalError:
    """The masks and pandera count failures differently."""
    listed = ", ".join(f"{name}: {masks} against {judged}" for name, masks, judged in counts)
    return InternalError(
        f"masks and judge disagree ({listed})",
        hint="nothing was written; this is a fault of claim-audit, please report it",
    )


def config_missing(file: Path) -> ClaimAuditError:
    """A settings file that was named and is not there."""
    return ClaimAuditError("no such settings file", where=file.name, hint="check --config")


def config_unreadable(file: Path, why: str) -> ClaimAuditError:
    """A settings file that is not TOML, or cannot be opened."""
    return ClaimAuditError(
        f"the settings cannot be read ({why})", where=file.name, expected="a TOML file in UTF-8"
    )


def config_value_wrong(place: str, why: str) -> ClaimAuditError:
    """A setting whose value is of the wrong kind; `place` is how the user wrote its name."""
    return ClaimAuditError(f"the value cannot be used: {why}", where=place)


def config_name_unknown(place: str, name: str, known: Iterable[str]) -> ClaimAuditError:
    """A setting that does not exist."""
    names = list(known)
    return ClaimAuditError(
        f"there is no setting {name!r}",
        where=place,
        hint=did_you_mean(name, names) or "the settings are " + ", ".join(names),
    )


def threads_settled(wanted: int, found: int, variable: str) -> ClaimAuditError:
    """A number of threads that Polars can no longer take."""
    return ClaimAuditError(
        f"{wanted} threads are asked for, and Polars was imported with {found}",
        where="setting threads",
        hint=f"set {variable}={wanted} in the environment before Polars is imported, or leave the "
        "setting out",
    )


def unknown_rule(name: str, known: Iterable[str]) -> ClaimAuditError:
    """A rule that was named and does not exist."""
    names = list(known)
    return ClaimAuditError(
        f"no rule is called {name!r}",
        hint=did_you_mean(name.upper(), names)
        or did_you_mean(name.lower(), names)
        or "'claim-audit rules' lists them",
    )


def unknown_parameter(rule: str, name: str, known: Iterable[str]) -> ClaimAuditError:
    """A rule parameter that does not exist."""
    return ClaimAuditError(
        f"rule {rule} has no parameter {name!r}",
        where="settings: params",
        expected="one of " + ", ".join(known),
    )


def rules_broken(why: str) -> InternalError:
    """The rules that came with the program do not fit together."""
    return InternalError(f"rules {why}", hint="this is a fault of claim-audit; please report it")


def run_exists(folder: Path) -> ClaimAuditError:
    """A run folder of that name is there already."""
    return ClaimAuditError(
        "a run of this name is there already and is never overwritten",
        where=str(folder),
        hint="choose another --run-id, or leave it out",
    )


def out_not_writable(folder: Path, why: str) -> ClaimAuditError:
    """The folder for the reports cannot be written."""
    return ClaimAuditError(
        f"the reports cannot be written ({why})", where=str(folder), hint="choose another --out"
    )


# Command line


def usage(command: str, why: str) -> ClaimAuditError:
    """A command that was called in a way it does not know."""
    name = " ".join(command.split()[1:])
    return ClaimAuditError(why, where=name, hint=f"'{command} --help' shows how to call it")


def options_exclude(command: str, one: str, other: str) -> ClaimAuditError:
    """Two options of which only one can be meant."""
    return ClaimAuditError(
        f"{one} and {other} exclude each other", where=command, hint="leave one of them out"
    )


def no_rule_left() -> ClaimAuditError:
    """Selecting and ignoring rules that leave none to run."""
    return ClaimAuditError(
        "no rule is left to run",
        where="settings: select, ignore",
        expected="at least one rule that is selected and not ignored",
    )


def category_unknown(name: str, known: Iterable[str]) -> ClaimAuditError:
    """A category of rules that does not exist."""
    names = list(known)
    return ClaimAuditError(
        f"there is no category {name!r}",
        expected="one of " + ", ".join(names),
        hint=did_you_mean(name, names),
    )


def code_misshapen(code: str) -> ClaimAuditError:
    """A word that no HCPCS code can be."""
    return ClaimAuditError(
        f"{code!r} is no HCPCS code",
        expected="a letter and four digits, or a five-character CPT code",
    )


def code_unknown(code: str, known: Iterable[str]) -> ClaimAuditError:
    """A code of which the reference tables say nothing at all."""
    return ClaimAuditError(
        f"the reference tables hold nothing about {code!r}",
        hint=did_you_mean(code, known)
        or "--reference DIR takes tables of your own, such as the current CMS files",
    )


def one_file_wanted(path: str) -> ClaimAuditError:
    """A folder or pattern where a single file is looked at."""
    return ClaimAuditError("this is more than one file", where=path, expected="one file")


def sample_layout_unknown(name: str, known: Iterable[str]) -> ClaimAuditError:
    """A layout that samples are not written in."""
    names = list(known)
    return ClaimAuditError(
        f"samples are not written in layout {name!r}",
        expected="one of " + ", ".join(names),
        hint=did_you_mean(name, names),
    )


def sample_not_writable(folder: Path, why: str) -> ClaimAuditError:
    """The folder for a sample cannot be made or written."""
    return ClaimAuditError(
        f"the sample cannot be written ({why})", where=str(folder), hint="choose another --out"
    )


def rules_crashed(rules: Iterable[str]) -> InternalError:
    """Rules that broke while they judged; everything else was judged and written."""
    return InternalError(
        "these rules broke and judged nothing: " + ", ".join(rules),
        hint="this is a fault of claim-audit, please report it; --ignore leaves them out",
    )


def unexpected(kind: str, place: str) -> InternalError:
    """Whatever nobody foresaw; its own text is left out, for it may hold a cell."""
    return InternalError(
        f"unexpected {kind}",
        where=place,
        hint="this is a fault of claim-audit, please report it; with CLAIM_AUDIT_TRACEBACK=1 "
        "in the environment it shows the traceback, which may hold cell values",
    )


def mask_key_unusable(file: Path, why: str) -> ClaimAuditError:
    """A key file for masking that is not there or holds too little."""
    return ClaimAuditError(
        f"the key to mask member numbers cannot be used ({why})",
        where=str(file),
        expected="a file of at least 32 random bytes, such as 64 hexadecimal digits",
        hint="leave the key out to draw one for this run only",
    )


def no_records(files: Iterable[str]) -> ClaimAuditError:
    """Files with headers and nothing under them: an audit of nothing finds nothing."""
    return ClaimAuditError(
        "there is no record under the header",
        where=_some(files),
        expected="at least one claim record in the extract",
        hint="nothing was written; check the export",
    )


def no_claim_lines(records: int, rejects: int, folder: Path) -> ClaimAuditError:
    """Records of which none is a claim line, so that no rule had anything to judge."""
    return ClaimAuditError(
        f"none of {records} records is a claim line, {rejects} of them rejected",
        where=str(folder),
        hint="its table of rejects says why; check --delimiter, --encoding and --layout",
    )


# GPU


def gpu_unusable(why: str) -> ClaimAuditError:
    """The GPU engine was asked for and Polars has none."""
    return ClaimAuditError(
        f"Polars cannot use a GPU here: {why}",
        where="--engine gpu",
        expected="cudf-polars, in a version that goes with this Polars, and an NVIDIA GPU",
        hint="pip install 'polars[gpu]', or leave --engine out",
    )


# Spark


def spark_missing() -> ClaimAuditError:
    """The Spark engine was asked for and pyspark is not installed."""
    return ClaimAuditError(
        "pyspark is not installed",
        where="--engine spark",
        hint="pip install 'claim-audit[spark]'",
    )


def spark_not_started(where: str, kind: str) -> ClaimAuditError:
    """A session that could not be opened."""
    return ClaimAuditError(
        f"no Spark session can be opened ({kind})",
        where=where,
        expected="Java 17 on this machine for a --master, a Spark Connect server for a --remote",
        hint="check the address, and JAVA_HOME",
    )


def cluster_failed(kind: str) -> ClaimAuditError:
    """A Spark job that failed outside of our tasks."""
    return ClaimAuditError(
        f"the Spark job failed ({kind})",
        hint="nothing was written; Spark's own log says why, and whether claim-audit is installed "
        "on the workers",
    )


def versions_differ(driver: Mapping[str, str], worker: Mapping[str, str]) -> ClaimAuditError:
    """A worker with another version of the program, or of what it stands on."""
    told = [
        f"{name} {driver.get(name)} here and {worker.get(name)} there"
        for name in sorted({*driver, *worker})
        if driver.get(name) != worker.get(name)
    ]
    return ClaimAuditError(
        f"a Spark worker does not run what the driver runs: {', '.join(told)}",
        hint="install the same claim-audit, with its pinned dependencies, on all machines",
    )


def work_not_shared(folder: Path) -> ClaimAuditError:
    """A work folder in which the workers cannot write what the driver reads."""
    return ClaimAuditError(
        "the Spark workers do not see this folder, or may not write to it",
        where=str(folder),
        expected="a folder that all machines of the cluster share",
        hint="name one with --work",
    )


def task_died(task: str, tries: int) -> ClaimAuditError:
    """A task whose process was lost each time it was tried."""
    return ClaimAuditError(
        f"{task} was begun {tries} times and its process was lost each time",
        hint="nothing was written; the likely cause is memory: give the executors more, or "
        "cut the lines into more --buckets",
    )


def task_broke(task: str, broken: str) -> InternalError:
    """A task that ended with an exception each time it was tried."""
    return InternalError(
        f"{task} broke: {broken}",
        hint="nothing was written; this is a fault of claim-audit, please report it",
    )


def tasks_astray(what: str, wanted: int, found: int) -> InternalError:
    """Tasks of which some came back twice or never."""
    return InternalError(
        f"of {wanted} {what} each should come back once, {found} came back",
        hint="nothing was written; please report it",
    )


def lines_astray(where: str, wanted: int, found: int) -> InternalError:
    """Rows that got lost, or came twice, between two steps of a run on a cluster."""
    return InternalError(
        f"{wanted} rows went in and {found} came out"
        if wanted != found
        else f"{wanted} rows went in and other rows came out",
        where=where,
        hint="nothing was written; please report it",
    )


def exceptions_alike(count: int) -> InternalError:
    """Exceptions that agree in all that they are sorted by, so that one of them came twice."""
    return InternalError(
        f"{count} exceptions have the file, record, rule and related lines of another one",
        hint="nothing was written; please report it",
    )


def table_unreadable(name: str, kind: str) -> ClaimAuditError:
    """A table that Spark cannot read."""
    return ClaimAuditError(
        f"Spark cannot read this table ({kind})",
        where=name,
        expected="the path of a Parquet folder, delta: and the path of a Delta table, or the name "
        "of a table",
        hint="check the path or the name; plain files are read by claim-audit itself, without "
        "--record-key",
    )


def delta_missing(name: str) -> ClaimAuditError:
    """A Delta table, and a Spark without Delta Lake."""
    return ClaimAuditError(
        "this Spark has no Delta Lake",
        where=name,
        expected="Delta's package for this version of Spark and Scala: "
        "io.delta:delta-spark_2.13:VERSION, in newer releases "
        "io.delta:delta-spark_SPARK_2.13:VERSION",
        hint="for a --master set PYSPARK_SUBMIT_ARGS='--packages PACKAGE pyspark-shell'; for a "
        "--remote, or a session that is open, set spark.jars.packages where it is started",
    )


def record_key_missing(name: str, columns: Iterable[str]) -> ClaimAuditError:
    """A record key of columns that the table does not have."""
    return ClaimAuditError(
        f"there is no column {', '.join(columns)}", where=name, hint="check --record-key"
    )


def record_key_blank(name: str, columns: Iterable[str]) -> ClaimAuditError:
    """Records without a value in a column of their key."""
    return ClaimAuditError(
        f"a record has no value in its key {', '.join(columns)}",
        where=name,
        hint="declare columns that are always filled with --record-key",
    )


def record_key_twice(name: str, columns: Iterable[str]) -> ClaimAuditError:
    """Records that their key does not tell apart."""
    return ClaimAuditError(
        f"two records have the same {', '.join(columns)}",
        where=name,
        expected="columns that tell every record from every other",
        hint="declare more columns with --record-key",
    )
