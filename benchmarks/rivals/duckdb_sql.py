"""The shared rules in SQL, for DuckDB: `python -m benchmarks.rivals.duckdb_sql CLAIMS OUT`.

Parquet is read where it lies; CSV lands in a table, since every pass over it parses it anew. What
is known of a payer, a code, a combination of modifiers or of diagnoses is worked out once per
distinct value and joined. One pass over all lines gives each a word with a bit for every line rule
it breaks, and the keys of the groups that the other rules look for; those rules then look at the
lines of suspect groups alone. Read are files as `claim-audit sample` writes them: only codes and
modifiers need cleaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.rivals.facts import (
    GLUED,
    HCPCS,
    HICN,
    ICD_10,
    ICD_10_FROM,
    INSTITUTIONS,
    MBI,
    MBI_ONLY_FROM,
    NO_DAYS,
    PLACEHOLDERS,
    Facts,
)
from benchmarks.rivals.shared import (
    AMOUNTS,
    AS_OF,
    COUNTS,
    DATES,
    DIAGNOSES,
    IDS,
    NUMBERS,
    PAYER_NAMES,
    SLOTS,
    main,
)
from claim_audit.rules import families

TYPES = {
    **dict.fromkeys(COUNTS, "INTEGER"),
    "units": "DECIMAL(16, 4)",
    **dict.fromkeys(AMOUNTS, "DECIMAL(16, 2)"),
    **dict.fromkeys(DATES, "DATE"),
}


def literal(value: object) -> str:
    """A text, number or date in SQL."""
    if isinstance(value, date):
        return f"DATE '{value}'"
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def among(column: str, values: Iterable[object]) -> str:
    """Whether a column holds one of the values."""
    return f"{column} IN ({', '.join(map(literal, values))})"


def landed(claims: Path) -> str:
    """`claims`: typed lines with `source_row`, and the texts that are no numbers or dates."""
    if claims.suffix == ".parquet":
        return f"""
            CREATE VIEW claims AS
            SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS source_row,
                NULL::VARCHAR AS unread_numbers, NULL::VARCHAR AS unread_dates,
                units IS NULL AS no_units, charge_amount IS NULL AS no_charge,
                service_from_date IS NULL AS no_start, false AS unread_end
            FROM read_parquet({literal(claims)}, file_row_number = true)
        """
    typed = ", ".join(f"TRY_CAST({name} AS {kind}) AS {name}" for name, kind in TYPES.items())

    def unread(names: Iterable[str]) -> str:
        cells = (f"CASE WHEN TRY_CAST({n} AS {TYPES[n]}) IS NULL THEN {n} END" for n in names)
        return f"nullif(concat_ws('|', {', '.join(cells)}), '')"

    return f"""
        CREATE TABLE claims AS
        SELECT * REPLACE ({typed}), row_number() OVER () AS source_row,
            {unread(NUMBERS)} AS unread_numbers, {unread(DATES)} AS unread_dates,
            units IS NULL AS no_units, charge_amount IS NULL AS no_charge,
            service_from_date IS NULL AS no_start,
            service_to_date IS NOT NULL AND TRY_CAST(service_to_date AS DATE) IS NULL AS unread_end
        FROM read_csv({literal(claims)}, all_varchar = true, header = true)
    """


GLUED_CELL = "CASE WHEN length(hcpcs_code) > 5 THEN hcpcs_code END"

CODE_FACTS = f"""
    CREATE TABLE code_facts AS
    WITH cells AS (
        SELECT DISTINCT hcpcs_code AS cell, upper(trim(hcpcs_code)) AS bare
        FROM claims WHERE hcpcs_code IS NOT NULL
    ), named AS (
        SELECT cell, regexp_full_match(bare, '{GLUED}') AS glued,
            CASE WHEN regexp_full_match(bare, '{GLUED}') THEN left(bare, 5) ELSE bare END AS code
        FROM cells
    )
    SELECT cell, code, glued,
        NOT regexp_full_match(code, '{HCPCS}') AS misshapen,
        listed.valid_from, listed.valid_to, listed.hcpcs_code IS NOT NULL AS known,
        coalesce(listed.dme, {among("left(code, 1)", families.DME_SECTIONS)}) AS dme,
        {among("code", families.PUMP_THERAPY)} AS pump_therapy,
        {among("code", families.PUMP_FILL)} AS pump_fill,
        {among("code", families.INSULIN)} AS insulin,
        coalesce(policies.word, (SELECT word FROM code_policies WHERE hcpcs_code = '*')) AS policies
    FROM named
    LEFT JOIN codes AS listed ON listed.hcpcs_code = code
    LEFT JOIN code_policies AS policies ON policies.hcpcs_code = code
"""

MODIFIER_FACTS = f"""
    CREATE TABLE modifier_facts AS
    WITH combinations AS (
        SELECT DISTINCT {", ".join(SLOTS)}, {GLUED_CELL} AS glued FROM claims
    ), worn AS (
        SELECT *, row_number() OVER () AS id, list_filter(
            [{", ".join(f"upper(trim({slot}))" for slot in SLOTS)}]
            || regexp_extract_all(
                regexp_extract(coalesce(upper(trim(glued)), ''), '^{GLUED}$', 2),
                '[A-Z0-9]{{1,2}}'
            ),
            lambda modifier: modifier IS NOT NULL
        ) AS modifiers
        FROM combinations
    ), each AS (
        SELECT id, unnest(modifiers) AS modifier FROM worn
    ), judged AS (
        SELECT id,
            bool_or(known.modifier IS NULL) AS unknown,
            bool_or(coalesce(filler, false)) AS filler,
            count(*) FILTER (NOT coalesce(filler, false))
                > count(DISTINCT modifier) FILTER (NOT coalesce(filler, false)) AS repeated,
            max(valid_from) AS begun, min(valid_to) AS ended,
            string_agg(modifier, ' ' ORDER BY modifier)
                FILTER (NOT coalesce(filler, false)) AS content
        FROM each LEFT JOIN modifiers AS known USING (modifier)
        GROUP BY id
    ), broken AS (
        SELECT id, bit_or(bit) AS policies
        FROM worn, policies
        WHERE CASE requirement
            WHEN 'require_any' THEN NOT list_has_any(worn.modifiers, named || unless)
            WHEN 'require_all' THEN NOT list_has_all(worn.modifiers, named)
            WHEN 'at_most_one' THEN len(list_intersect(worn.modifiers, named)) > 1
            WHEN 'forbid' THEN list_has_any(worn.modifiers, named)
            ELSE true END
        GROUP BY id
    )
    SELECT worn.*, unknown, filler, repeated, begun, ended, content, policies,
        list_contains(modifiers, 'JK') AS jk, list_contains(modifiers, 'JL') AS jl
    FROM worn LEFT JOIN judged USING (id) LEFT JOIN broken USING (id)
"""

DIAGNOSIS_FACTS = f"""
    CREATE TABLE diagnosis_facts AS
    WITH combinations AS (
        SELECT DISTINCT {", ".join(DIAGNOSES)} FROM claims
    ), numbered AS (
        SELECT *, row_number() OVER () AS id FROM combinations
    ), each AS (
        SELECT id, unnest([{", ".join(DIAGNOSES)}]) AS code FROM numbered
    ), known AS (
        SELECT id, code, replace(code, '.', '') AS bare,
            regexp_full_match(code, '{ICD_10}') AS shaped,
            left(bare, 3) IN ('E08', 'E09', 'E10', 'E11', 'E12', 'E13', 'O24') AS diabetes
        FROM each WHERE code IS NOT NULL
    ), judged AS (
        SELECT id,
            bool_or(diabetes) AS diabetes,
            bool_or(bare IN (SELECT diagnosis_code FROM listed_diagnoses)) AS listed,
            bool_and(bare IN ('Z794', 'Z9641')) AS status_only,
            bool_or(NOT shaped)
                OR (bool_or(contains(code, '.'))
                    AND bool_or(shaped AND length(code) > 3 AND NOT contains(code, '.')))
                AS misshapen
        FROM known GROUP BY id
    )
    SELECT numbered.*, judged.* EXCLUDE (id), judged.id IS NOT NULL AS present
    FROM numbered LEFT JOIN judged USING (id)
"""

NPI_FACTS = """
    CREATE TABLE bad_npis AS
    WITH npis AS (
        SELECT billing_npi AS npi FROM claims UNION SELECT ordering_npi FROM claims
    ), judged AS (
        SELECT npi,
            regexp_full_match(npi, '[12][0-9]{9}') AND (24 + list_sum(list_transform(
                range(1, 11),
                lambda place: CASE WHEN place % 2 = 0 THEN TRY_CAST(npi[place] AS INTEGER)
                    ELSE TRY_CAST(npi[place] AS INTEGER) * 2 - 9 * (npi[place] >= '5')::INTEGER END
            ))) % 10 = 0 AS valid
        FROM npis WHERE npi IS NOT NULL
    )
    SELECT npi FROM judged WHERE NOT valid
"""


def fits(row: Mapping[str, Any]) -> str:
    """Whether a policy binds a line: by the words of what it names, and by its dates."""
    received = "coalesce(received_date, service_from_date)"
    bounds = {
        "service_from_date >=": row["dos_from"],
        "service_from_date <=": row["dos_to"],
        f"{received} >=": row["received_from"],
        f"{received} <=": row["received_to"],
    }
    dated = [f"{bound} {literal(day)}" for bound, day in bounds.items() if day]
    return " AND ".join([f"policies & {row['bit']} <> 0", *dated])


def any_fits(rows: Iterable[Mapping[str, Any]]) -> str:
    """Whether any of the policies binds a line."""
    return " OR ".join(f"({fits(row)})" for row in rows)


def filed_late(rows: Iterable[Mapping[str, Any]]) -> str:
    """Whether a claim came after the last day that the policy which binds it gives."""
    anchors = {
        "service_from_date": "service_from_date",
        "service_to_date": "CASE WHEN NOT unread_end OR service_to_date IS NOT NULL "
        "THEN coalesce(service_to_date, service_from_date) END",
    }
    cases = (
        f"WHEN {fits(row)} THEN {anchors[row['anchor']]} "
        f"+ INTERVAL {int(row['value'])} {row['unit']}"
        for row in rows
    )
    return f"received_date > CASE {' '.join(cases)} END"


def span_too_long(rows: Iterable[Mapping[str, Any]]) -> str:
    """Whether the dates of a line span more days than the policy which binds it takes."""
    cases = (f"WHEN {fits(row)} THEN {int(row['value'])}" for row in rows)
    return f"span > CASE {' '.join(cases)} END"


def line_rules(facts: Facts) -> Mapping[str, str]:
    """What is wrong with a line of `lines`, by rule."""
    policies = {
        rule: any_fits(facts.policies_of(rule))
        for rule in ("CD-03", "MD-07", "MD-08", "MD-09", "MD-10", "MD-13", "MD-14")
    }
    placeholders = [f"{name} IN (SELECT text FROM placeholders)" for name in IDS]
    no_days = [among(day, NO_DAYS) for day in DATES]
    icd_10 = f"service_from_date >= {literal(ICD_10_FROM)} AND diagnosed"
    return {
        "DQ-01": "code IS NULL OR no_units OR no_start OR payer_name IS NULL OR no_charge "
        "OR member_id IS NULL",
        "DQ-02": "misshapen",
        "DQ-03": "glued",
        "DQ-05": "unread_numbers IS NOT NULL OR (no_units AND charge_amount > 0)",
        "DQ-06": "unread_dates IS NOT NULL",
        "DQ-08": " OR ".join([*placeholders, *no_days]),
        "ID-01": "billing_npi IN (SELECT npi FROM bad_npis) "
        "OR ordering_npi IN (SELECT npi FROM bad_npis)",
        "ID-04": f"lob = 'medicare_ffs' AND NOT regexp_full_match(member_id, '{MBI}') "
        f"AND NOT (regexp_full_match(member_id, '{HICN}') "
        f"AND service_from_date < {literal(MBI_ONLY_FROM)})",
        "CD-02": "known AND (service_from_date < valid_from OR service_from_date > valid_to)",
        "CD-03": f"({policies['CD-03']}) AND setting IN ('dme', 'practitioner')",
        "UN-01": "original AND (units <= 0 OR units % 1 <> 0)",
        "UN-02": "mue_value > 0 AND units > mue_value AND (mai = 1 OR NOT summed)",
        "UN-03": "mue_value = 0 AND claim_frequency_code IS DISTINCT FROM '8'",
        "UN-17": "code IN ('A4224', 'A4226') AND (units > 13 OR units > 1 + (6 + CASE "
        "WHEN days_supply > 0 THEN days_supply WHEN span > 1 THEN span END) // 7)",
        "MD-01": "unknown_modifier",
        "MD-02": "filler",
        "MD-03": "repeated_modifier",
        "MD-06": "service_from_date < modifiers_begun OR service_from_date > modifiers_ended",
        "MD-07": f"service_from_date IS NOT NULL AND ({policies['MD-07']})",
        "MD-08": policies["MD-08"],
        "MD-09": policies["MD-09"],
        "MD-10": policies["MD-10"],
        "MD-11": "insulin AND lob = 'medicare_ffs' AND span > 1 "
        "AND ((jk AND span > 34) OR (jl AND span <= 75))",
        "MD-13": policies["MD-13"],
        "MD-14": policies["MD-14"],
        "DT-01": "service_from_date > service_to_date",
        "DT-02": "service_from_date > received_date OR service_from_date > paid_date "
        f"OR service_from_date > {literal(AS_OF)}",
        "DT-03": f"service_from_date <= {literal(AS_OF)} AND service_to_date > {literal(AS_OF)} "
        "AND CASE WHEN days_supply > 0 THEN span <> days_supply "
        "WHEN code = 'A4224' AND units IS NOT NULL THEN span <> units * 7 "
        "ELSE NOT (pump_fill AND span <= 92) END",
        "DT-04": "received_date < service_from_date OR paid_date < received_date",
        "DT-05": "original AND service_from_date IS NOT NULL "
        f"AND {filed_late(facts.policies_of('DT-05'))}",
        "DT-07": span_too_long(facts.policies_of("DT-07")),
        "DX-01": "NOT diagnosed",
        "DX-02": f"{icd_10} AND misshapen_diagnosis",
        "DX-03": f"{icd_10} AND pump_therapy AND NOT diabetes",
        "DX-04": f"{icd_10} AND pump_therapy AND lob = 'medicare_ffs' AND diabetes AND NOT listed",
        "DX-05": f"{icd_10} AND pump_therapy AND status_only",
        "PS-01": "(place_of_service IS NOT NULL OR setting <> 'outpatient_hospital') "
        "AND assigned IS NOT TRUE",
        "PS-02": f"dme AND assigned IS NOT NULL AND {among('place_of_service', INSTITUTIONS)}",
        "PS-03": "dme AND lob = 'medicare_ffs' AND NOT home",
        "MY-01": "original AND charge_amount <= 0",
        "MY-03": "claim_frequency_code IS DISTINCT FROM '8' AND allowed_amount >= 0 "
        "AND coalesce(charge_amount, 0) >= 0 AND coalesce(paid_amount, 0) >= 0 "
        "AND (allowed_amount > charge_amount OR paid_amount > allowed_amount + 0.01)",
    }


def same(table: str, columns: Iterable[str]) -> str:
    """Whether a line has the values of a row of facts, blanks included."""
    return " AND ".join(f"claims.{name} IS NOT DISTINCT FROM {table}.{name}" for name in columns)


LINES = f"""
    SELECT claims.*,
        claims.service_to_date - claims.service_from_date + 1 AS span,
        coalesce(claims.claim_frequency_code NOT IN ('7', '8'), true) AS original,
        coalesce(claims.member_id, 'claim:' || claims.claim_id) AS member_key,
        claims.member_id IS NOT NULL AND claims.billing_npi IS NOT NULL AS summed,
        settings.setting,
        payers.payer, payers.lob,
        codes.* EXCLUDE (cell, policies),
        payers.policies & coalesce(codes.policies, {{every_code}}) & worn.policies AS policies,
        worn.unknown AS unknown_modifier, worn.filler, worn.repeated AS repeated_modifier,
        worn.begun AS modifiers_begun, worn.ended AS modifiers_ended,
        worn.content AS modifier_content, worn.jk, worn.jl,
        found.present AS diagnosed, found.diabetes, found.listed, found.status_only,
        found.misshapen AS misshapen_diagnosis,
        places.assigned, places.home,
        mue.mue_value, mue.mai
    FROM {{source}} AS claims
    LEFT JOIN code_facts AS codes ON claims.hcpcs_code = codes.cell
    LEFT JOIN payer_facts AS payers ON {same("payers", PAYER_NAMES)}
    LEFT JOIN modifier_facts AS worn
        ON {same("worn", SLOTS)} AND {GLUED_CELL.replace("hcpcs", "claims.hcpcs")}
            IS NOT DISTINCT FROM worn.glued
    LEFT JOIN diagnosis_facts AS found ON {same("found", DIAGNOSES)}
    LEFT JOIN places ON claims.place_of_service = places.place_of_service
    LEFT JOIN settings ON claims.claim_type IS NOT DISTINCT FROM settings.claim_type
    LEFT JOIN mue ON settings.setting = mue.setting AND codes.code = mue.hcpcs_code
        AND payers.payer = mue.payer
        AND claims.service_from_date BETWEEN mue.begun AND mue.until
"""

SETTING_FACTS = """
    CREATE TABLE settings AS
    SELECT DISTINCT claim_type, CASE upper(claim_type)
        WHEN 'PRACTITIONER' THEN 'practitioner'
        WHEN 'OUTPATIENT_HOSPITAL' THEN 'outpatient_hospital'
        WHEN 'INSTITUTIONAL' THEN 'outpatient_hospital'
        ELSE 'dme' END AS setting
    FROM claims
"""


def judged(rules: Mapping[str, str], lines: str) -> str:
    """`judged`: per line the bits of the rules it breaks, and the groups it is in."""
    word = " | ".join(
        f"CASE WHEN {wrong} THEN {1 << bit} ELSE 0 END" for bit, wrong in enumerate(rules.values())
    )
    return f"""
        CREATE TABLE judged AS
        SELECT source_row, {word} AS word,
            hash(claim_id, claim_line_number) AS claim_line,
            CASE WHEN summed AND code IS NOT NULL AND service_from_date IS NOT NULL
                    AND claim_id IS NOT NULL AND units IS NOT NULL
                THEN hash(member_id, payer, code, service_from_date, billing_npi, units,
                    modifier_content) END AS service,
            CASE WHEN mue_value > 0 AND mai IN (2, 3) AND summed AND units IS NOT NULL
                THEN hash(member_id, billing_npi, code, service_from_date, setting) END AS day,
            units, mue_value
        FROM ({lines})
    """


SUSPECTS = """
    CREATE TABLE suspects AS
    WITH rows AS (
        SELECT source_row FROM judged
        WHERE claim_line IN (SELECT claim_line FROM judged GROUP BY claim_line HAVING count(*) > 1)
            OR service IN (
                SELECT service FROM judged WHERE service IS NOT NULL
                GROUP BY service HAVING count(*) > 1)
            OR day IN (
                SELECT day FROM judged WHERE day IS NOT NULL
                GROUP BY day HAVING sum(greatest(units, 0)) > min(mue_value))
    )
    SELECT claims.*, hash({cells}) AS content FROM claims SEMI JOIN rows USING (source_row)
"""


def live(lines: str) -> str:
    """`live`: the suspects that no void or replacement took back, with their facts."""
    return f"""
        CREATE TABLE live AS
        WITH changes AS (
            SELECT coalesce(member_id, 'claim:' || claim_id) AS member_key,
                coalesce(payer_claim_control_number, claim_id) AS target,
                bool_or(coalesce(payer_claim_control_number <> claim_id, false)
                    OR claim_frequency_code = '8') AS whole
            FROM claims WHERE claim_frequency_code IN ('7', '8') GROUP BY ALL
        )
        SELECT lines.* FROM ({lines}) AS lines
        LEFT JOIN changes
            ON changes.member_key = lines.member_key AND changes.target = lines.claim_id
        WHERE lines.claim_frequency_code IS DISTINCT FROM '8'
            AND NOT (changes.target IS NOT NULL AND (changes.whole OR lines.original))
    """


MEMBER_RULES = """
    SELECT 'DU-01' AS rule_id, source_row FROM live
    QUALIFY source_row > min(source_row) OVER (PARTITION BY member_key, content)
    UNION
    SELECT 'DU-02', source_row FROM (
        SELECT min(source_row) AS source_row, member_key, payer, claim_id, claim_line_number,
            coalesce(claim_frequency_code, '1') AS frequency
        FROM live WHERE claim_id IS NOT NULL AND claim_line_number IS NOT NULL
        GROUP BY member_key, payer, claim_id, claim_line_number, frequency, content)
    QUALIFY count(*) OVER (
        PARTITION BY member_key, payer, claim_id, claim_line_number, frequency) > 1
    UNION
    SELECT 'DU-03', source_row FROM live
    WHERE summed AND code IS NOT NULL AND service_from_date IS NOT NULL
        AND claim_id IS NOT NULL AND units IS NOT NULL
    WINDOW service AS (PARTITION BY member_id, payer, code, service_from_date, billing_npi, units,
        modifier_content)
    QUALIFY min(claim_id) OVER service <> max(claim_id) OVER service
    UNION
    SELECT 'UN-02', source_row FROM (
        SELECT source_row, units, sum(units) OVER (
            PARTITION BY member_id, billing_npi, code, service_from_date, setting, payer
        ) > mue_value AS above
        FROM live WHERE mue_value > 0 AND mai IN (2, 3) AND summed AND units IS NOT NULL)
    WHERE above AND units > 0
"""


def exceptions(out: Path) -> str:
    """Write what was found."""
    return f"""
        COPY (
            SELECT rule_id, source_row FROM judged, rules WHERE word & bit <> 0
            UNION {MEMBER_RULES}
        ) TO {literal(out / "exceptions.parquet")} (FORMAT parquet)
    """


def run(claims: Path, out: Path) -> None:
    """Find the exceptions to the shared rules and write them."""
    facts = Facts.load()
    rules = line_rules(facts)
    db = duckdb.connect()
    _load(db, facts, rules)
    db.execute(landed(claims))
    names = db.sql(f"SELECT DISTINCT {', '.join(PAYER_NAMES)} FROM claims").pl()
    _table(db, "payer_facts", facts.payers(names))
    for statement in (CODE_FACTS, MODIFIER_FACTS, DIAGNOSIS_FACTS, NPI_FACTS, SETTING_FACTS):
        db.execute(statement)
    lines = partial(LINES.format, every_code=facts.policies_for_code(None))
    cells = [name for name, *_ in db.execute("DESCRIBE claims").fetchall() if name != "source_row"]
    db.execute(judged(rules, lines(source="claims")))
    db.execute(SUSPECTS.format(cells=", ".join(cells)))
    db.execute(live(lines(source="suspects")))
    db.execute(exceptions(out))
    db.close()


def _load(db: duckdb.DuckDBPyConnection, facts: Facts, rules: Mapping[str, str]) -> None:
    """The reference tables, and the bit of each line rule."""
    named = {code for row in facts.policies for code in row["codes"]}
    tables = {
        "codes": facts.codes,
        "modifiers": facts.modifiers,
        "places": facts.places,
        "mue": facts.mue,
        "listed_diagnoses": pl.DataFrame({"diagnosis_code": facts.listed_diagnoses}),
        "placeholders": pl.DataFrame({"text": PLACEHOLDERS}),
        "policies": pl.DataFrame(
            {
                "bit": row["bit"],
                "requirement": row.get("requirement"),
                "named": row.get("modifiers"),
                "unless": row.get("unless") or [],
            }
            for row in facts.policies
        ),
        "code_policies": pl.DataFrame(
            {"hcpcs_code": code, "word": facts.policies_for_code(code)} for code in sorted(named)
        ),
        "rules": pl.DataFrame({"rule_id": rule, "bit": 1 << n} for n, rule in enumerate(rules)),
    }
    for name, frame in tables.items():
        _table(db, name, frame)


def _table(db: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    db.register("frame", frame.to_arrow())
    db.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    db.unregister("frame")


if __name__ == "__main__":
    main(run)
