"""Planted errors: named kinds, the lines that can hold them, and what each must raise."""
