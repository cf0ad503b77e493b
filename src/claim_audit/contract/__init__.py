"""The contract: what a claim line is, and how the cells of a file become one."""
