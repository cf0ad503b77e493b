"""`python -m claim_audit` is the command line."""

from claim_audit.cli import main

main()
