"""What keeps the store from opening or writing, each as a sentence for the operator."""

from __future__ import annotations


class StoreFault(Exception):
    """The state file cannot be used as asked. `str()` is a sentence: what is wrong, where, what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class MigrationRefused(StoreFault):
    """The file was made by other migrations than the ones at hand."""


class AlreadyRunning(StoreFault):
    """Another process holds the lock of this state file."""
