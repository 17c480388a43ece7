"""The migration files of the shop, and faulty variants of some, to be placed and mended from the panel."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"


@dataclass(frozen=True)
class Fault:
    """A migration written wrongly. `shows` is what goes wrong and where it is seen; `mend` is what to edit."""

    key: str
    file: str
    title: str
    shows: str
    mend: str

    @property
    def folder(self) -> Path:
        """The faulty variants, named as the files that they replace."""
        return HERE / "faults" / self.key

    @property
    def text(self) -> str:
        """The faulty up file."""
        return (self.folder / self.file).read_text(encoding="utf-8")


BLOCKING_INDEX = Fault(
    "blocking_index",
    "00009_index_open_orders.up.sql",
    "Build the index without CONCURRENTLY",
    "Nobody can order while the index on orders is built; a check of the files says so.",
    "First line `-- no-transaction`, and CREATE INDEX CONCURRENTLY.",
)
UNKNOWN_LABEL = Fault(
    "unknown_label",
    "00008_add_loyalty_tier.up.sql",
    "Use a tier that the enum does not have",
    "The file does not run anywhere: 'platinum' is no label of loyalty_tier; the run on a scratch database says so.",
    "Add 'platinum' to the enum, or take the line out of the function.",
)
NO_UNIQUE_INDEX = Fault(
    "no_unique_index",
    "00010_create_daily_revenue.up.sql",
    "Forget the unique index of the materialized view",
    "The view cannot be refreshed while it is read: REFRESH … CONCURRENTLY needs a unique index.",
    "CREATE UNIQUE INDEX daily_revenue_day_currency_key ON daily_revenue (day, currency);",
)
DUPLICATE_NAMES = Fault(
    "duplicate_names",
    "00009_index_open_orders.up.sql",
    "Ask for unique product names",
    "Runs on staging, fails in production, where one product is listed twice, and leaves an INVALID index behind.",
    "DROP INDEX CONCURRENTLY products_name_active_key; then the file as it was.",
)
FAULTS = (BLOCKING_INDEX, UNKNOWN_LABEL, NO_UNIQUE_INDEX, DUPLICATE_NAMES)


def copy_migrations(directory: Path) -> Path:
    """Copies the set, up and down files, into a folder that the demo may edit; the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(MIGRATIONS.glob("*.sql")):
        shutil.copyfile(path, directory / path.name)
    return directory


def place(fault: Fault, directory: Path) -> Path:
    """Overwrites the files in the copied folder with their faulty variants; the up file."""
    for path in sorted(fault.folder.glob("*.sql")):
        shutil.copyfile(path, directory / path.name)
    return directory / fault.file


def mend(fault: Fault, directory: Path) -> Path:
    """Puts the sound files back into the copied folder; the up file."""
    for path in sorted(fault.folder.glob("*.sql")):
        shutil.copyfile(MIGRATIONS / path.name, directory / path.name)
    return directory / fault.file
