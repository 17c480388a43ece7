"""Passwords in what programs print: hidden wherever they stand, and nothing else is."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.masking import HIDDEN, Mask, looks_secret
from checks.probes.reports import read_output
from checks.probes.wording import one_line

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="•"), min_size=6, max_size=40)


@given(SECRETS, st.text(max_size=30), st.text(max_size=30))
def test_a_known_secret_never_comes_out(secret: str, before: str, after: str) -> None:
    mask = Mask([secret])
    for shown in (secret, quote(secret, safe="")):
        assert shown not in mask(f"{before} {shown} {after}").replace(before, "").replace(after, "")


@given(st.from_regex(r"[A-Za-z0-9!$@:/?#%-]{6,30}", fullmatch=True))
def test_a_password_in_a_url_never_comes_out(password: str) -> None:
    masked = Mask()(f"cannot reach postgresql://app:{password}@db.example:5432/shop: timeout")
    assert masked == f"cannot reach postgresql://app:{HIDDEN}@db.example:5432/shop: timeout"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2 host=db", f"password={HIDDEN} host=db"),
        ("PGPASSWORD=hunter2", f"PGPASSWORD={HIDDEN}"),
        ('{"api_key": "a b c", "n": 1}', f'{{"api_key": {HIDDEN}, "n": 1}}'),
        ("client_secret: xyz,", f"client_secret: {HIDDEN},"),
        ("repo1-cipher-pass=abc", f"repo1-cipher-pass={HIDDEN}"),
        ("Authorization: Basic YTpi", f"Authorization: {HIDDEN}"),
        ("18 of 18 passed, tokens=12, passed=18", "18 of 18 passed, tokens=12, passed=18"),
        ("password authentication failed for user app", "password authentication failed for user app"),
        ("https://shop.example:8443/health?x=a", "https://shop.example:8443/health?x=a"),
        # A password may hold a slash, so what might be one is hidden.
        ("https://shop.example:8443/health?x=a@b", f"https://shop.example:{HIDDEN}@b"),
        ("postgres://app@db/shop", "postgres://app@db/shop"),
    ],
)
def test_what_stands_after_its_name(text: str, masked: str) -> None:
    assert Mask()(text) == masked


def test_a_short_value_garbles_nothing_and_a_long_one_wins() -> None:
    assert Mask(["ok", ""])("ok 1") == "ok 1"
    assert Mask(["abcd", "abcdefgh"])("abcdefgh") == HIDDEN
    assert Mask(["-----BEGIN\nMIIEabc\n"])("key MIIEabc") == f"key {HIDDEN}"


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("SMOKE_TOKEN", "abc", True),
        ("DB_PASS", "abc", True),
        ("DATABASE_URL", "postgres://u:p@h/d", True),
        ("DATABASE_URL", "postgres://u@h/d", False),
        ("REGION", "eu-central-1", False),
        ("PGUSER", "postgres", False),
        ("X", "q83hf92hf0a8fh20f", True),
        ("MONKEY", "banana", False),
    ],
)
def test_which_variables_are_secret(name: str, value: str, is_secret: bool) -> None:
    assert looks_secret(name, value) is is_secret


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece", ["a", "://b:", "password", "token=", "'", '"', "authorization ", "\x1b[", "|x", "a=", "1."]
)
def test_a_long_line_of_anything_is_soon_read(piece: str) -> None:
    """64 KiB in one line, which took a minute with expressions that look again from every letter."""
    line = piece * (65536 // len(piece))
    output = read_output(Mask(["geheim"])(f"OK | {line}\n{line}\n"))
    assert output.summary.startswith("OK")
    assert len(one_line(line)) <= 200
