"""Is it clear who pays, and under which line of business?"""
