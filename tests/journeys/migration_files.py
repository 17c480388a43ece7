"""Three small migrations in a folder, to be read and changed."""

from __future__ import annotations

from pathlib import Path

FILES = '\n[migrations]\ndirectory = "migrations"\ntool = "sqlx"\n'
ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamptz NOT NULL);\n"
INDEX = "CREATE INDEX CONCURRENTLY orders_open ON orders (created_at);\n"


def write_files(folder: Path, **bodies: str) -> None:
    """`m00008="…"` becomes migrations/00008_change.sql."""
    (folder / "migrations").mkdir(exist_ok=True)
    for name, body in bodies.items():
        (folder / "migrations" / f"{name.removeprefix('m')}_change.sql").write_text(body, encoding="utf-8")


def three_files(folder: Path) -> None:
    write_files(
        folder,
        m00008=ORDERS,
        m00009="-- no-transaction\n" + INDEX,
        m00010="COMMENT ON TABLE orders IS 'what was sold';\n",
    )
