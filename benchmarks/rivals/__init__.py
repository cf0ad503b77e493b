"""Other programs that find the same exceptions in the same claims, each in its own way."""

RIVALS = {
    "duckdb_sql": "DuckDB, the shared rules in SQL",
    "pandas_frames": "pandas, the shared rules vectorised",
    "pandera_chunks": "pandera, lazy validation of chunks of 50,000 rows, line rules alone",
    "pointblank_checks": "pointblank, the line rules it can express",
    "dataframely_checks": "dataframely, the line rules it can express",
}
"""By module: what is measured."""
