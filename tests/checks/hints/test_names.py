"""What a hint says to type can be typed."""

from __future__ import annotations

from checks.sql.names import qualified, quoted
from tests.postgres import TestDatabase


def test_names_are_quoted_as_the_server_quotes_them(database: TestDatabase) -> None:
    """Every keyword that the server knows, and names of every kind of letter."""
    odd = ["orders", "Order", "two words", 'say "hi"', "o'clock", "äpfel", "a$b", "9lives", "_x", "x9", "", "a\nb"]
    with database.connect() as connection:
        words = "SELECT unnest(%s::text[]) UNION SELECT word FROM pg_get_keywords()"
        known: dict[str, str] = dict(
            connection.execute(f"SELECT word, quote_ident(word) FROM ({words}) w(word)", [odd]).fetchall()
        )
    assert len(known) > 450
    assert {word: quoted(word) for word in known} == known
    assert qualified("My Shop", "user") == '"My Shop"."user"'
    assert qualified("", "orders") == "orders"
