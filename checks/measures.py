"""Sizes, durations and shares in words: one convention for every check, and for whoever shows what checks found."""

from __future__ import annotations

MEGABYTE = 1024**2
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Bytes in the units of PostgreSQL's pg_size_pretty, 1024 to the step: `512 bytes`, `3.1 MB`, `41 GB`."""
    value, step = abs(float(count)), 0
    while value >= 1024 and step < len(_UNITS) - 1:
        value, step = value / 1024, step + 1
    return f"{'-' if count < 0 else ''}{_few_digits(value) if step else f'{value:.0f}'} {_UNITS[step]}"


def duration(seconds: float) -> str:
    """`350 ms`, `1.2 s`, `12 s`, `4 min`, `1 h 30 min`, `30 h`, `2 d 4 h`, `12 d`; what is negative is `0 s`."""
    if seconds < 1 and (milliseconds := round(seconds * 1000)) < 1000:
        return f"{milliseconds} ms" if milliseconds > 0 else "0 s"
    if seconds < 120:
        return f"{_few_digits(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return _of_two(hours, "h", minutes % 60, "min") if hours < 48 else _of_two(hours // 24, "d", hours % 24, "h")


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def _few_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def _of_two(whole: int, unit: str, rest: int, smaller: str) -> str:
    """The smaller unit says nothing any more beside two digits of the larger one."""
    return f"{whole} {unit} {rest} {smaller}" if rest and whole < 10 else f"{whole} {unit}"
