"""The engine: compiles rules to expressions and runs them over claim lines."""
