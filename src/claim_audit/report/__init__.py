"""Reports: one result, written as tables, documents, a page and a summary on the terminal."""
