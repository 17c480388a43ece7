"""Benches: a module each with `run() -> list[tuple[name, value, unit]]`; `make bench` runs all in one go."""
