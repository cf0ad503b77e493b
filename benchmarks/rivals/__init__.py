"""Other programs that find the same exceptions in the same claims, each in its own way."""
