"""What keeps the store from opening or writing, each as a sentence for the operator."""

from __future__ import annotations


class StoreFault(Exception):
    """The state file cannot be used as asked: `sentence` says what is wrong, `hint` what to do; `str()` is both."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(f"{sentence}: {hint}" if hint else sentence)
        self.sentence, self.hint = sentence, hint


class MigrationRefused(StoreFault):
    """The file was made by other migrations than the ones at hand."""


class AlreadyRunning(StoreFault):
    """Another process holds the lock of this state file."""
