"""Is the cell there, readable, and what it claims to be?"""
