"""The only SQL of the bot's state: `Store` and its faults."""

from __future__ import annotations

from bot.storage.database import Store
from bot.storage.lock import AlreadyRunning, lock_holder, process_lock
from bot.storage.migrate import MigrationRefused
from bot.storage.sqlite import StoreFault

__all__ = ["AlreadyRunning", "MigrationRefused", "Store", "StoreFault", "lock_holder", "process_lock"]
