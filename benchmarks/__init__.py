"""What an audit costs, beside what merely reading the same file costs."""
