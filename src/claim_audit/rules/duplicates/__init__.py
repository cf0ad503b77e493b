"""Is the same service billed more than once?"""
