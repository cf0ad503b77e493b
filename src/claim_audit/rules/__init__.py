"""Rules: what is right of a claim line, one rule a file, in the words of the field."""
