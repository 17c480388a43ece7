"""Who signed an export or a record, and that not a line of either can be changed: as an auditor types it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sqlite3
import stat
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from operating_samples import SETTINGS, Team, gonogo, make_team, pin_files

from bot.core.deployment import Outcome
from bot.core.signing import SigningKey, export_message, head_message
from bot.storage import Store
from bot.usecases.act import chronicle
from bot.usecases.lifecycle.complete import close, complete
from bot.usecases.lifecycle.start import start
from bot.usecases.tick import note, tick

RECORD = '\n[record]\nkey = "gonogo-key.pem"\n'


def finish(team: Team) -> Team:
    """Ticked, noted, gone and completed."""
    pin_files(team)
    team.run(tick, "U0BO", "rollback-plan")
    team.run(note, "U0ANN", "rollback-plan", "asked <b>Dana</b>\r\nand Bo")
    team.go()
    team.run(complete, "U0ANN", Outcome.PARTIAL, "00009 waits for the owner", minutes=9)
    return team


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A deployment of a team with a key, from start to completion."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_CONFIG", raising=False)
    assert gonogo("key", "new").exit_code == 0
    team = finish(make_team(tmp_path, SETTINGS + RECORD))
    Path("public.pem").write_text(gonogo("key", "show").stdout)
    return team


def exported(form: str = "json") -> str:
    file = f"e.{form}"
    result = gonogo("export", "1", "--format", form, "--output", file)
    assert result.exit_code == 0, result.output
    return file


def fingerprint(file: str = "public.pem") -> str:
    """As an auditor would work it out."""
    lines = Path(file).read_text().splitlines()
    return hashlib.sha256(base64.b64decode("".join(lines[1:-1]))).hexdigest()


def told(*arguments: str | Path) -> tuple[int, list[str]]:
    result = gonogo("verify", *arguments)
    return result.exit_code, [line.strip() for line in (result.stdout + result.stderr).splitlines()]


def test_a_key_is_made_once_and_its_private_half_is_its_owner_s_alone(tmp_path: Path, team: Team) -> None:
    made = gonogo("key", "new", "--output", "proof.pem")
    assert made.exit_code == 0
    assert stat.S_IMODE(Path("proof.pem").stat().st_mode) == 0o600
    secret = Path("proof.pem").read_text()
    assert secret.splitlines()[1] not in made.output
    refused = gonogo("key", "new", "--output", "proof.pem")
    assert (refused.exit_code, Path("proof.pem").read_text()) == (1, secret)
    assert "never overwritten" in refused.stderr
    assert gonogo("key", "new", "--output", "nowhere/k.pem").stderr.startswith(
        "gonogo: nowhere/k.pem cannot be written"
    )
    assert gonogo("key", "show").stderr.startswith("gonogo: the settings name no key: make one")
    with Path("gonogo.toml").open("a") as settings:
        settings.write(made.stdout.partition("Add to gonogo.toml:\n")[2])
    shown = gonogo("key", "show")
    assert shown.stdout in made.stdout
    written = gonogo("key", "show", "--output", "public.pem")
    assert Path("public.pem").read_text() == shown.stdout
    assert written.stdout == f"public.pem: the public half, fingerprint {fingerprint()}\n"
    assert f"Fingerprint {fingerprint()}\n" in made.stdout


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('key = "none.pem"', "record.key: the key's file cannot be read (No such file or directory)"),
        ('key = "a\\u0000b"', "record.key: the key's file cannot be read (it is no path)"),
        ('key = "gonogo.toml"', "record.key: holds no private key in PEM, or one behind a passphrase"),
        ('key = "env:PROOF_KEY"', "record.key: the environment variable PROOF_KEY is not set"),
        ('key = "rsa.pem"', "record.key: holds a key of another kind than Ed25519"),
        ('anchor = ["./anchor.sh"]', "record.anchor: is never given the head"),
        ('anchor = "./anchor.sh {head}"', "record.anchor: is no list of arguments"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_sentence(team: Team, setting: str, words: str) -> None:
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    pem = written.Encoding.PEM, written.PrivateFormat.PKCS8, written.NoEncryption()
    Path("rsa.pem").write_bytes(generate_private_key(SECP256R1()).private_bytes(*pem))
    Path("gonogo.toml").write_text(f"{SETTINGS}\n[record]\n{setting}\n")
    refused = gonogo("export", "1", "--format", "json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_export_says_who_signed_it_and_each_head(signed: Team) -> None:
    file, by = exported(), fingerprint()[:16]
    code, lines = told(file, "--key", "public.pem")
    assert code == 0
    assert lines[2:] == [f"export signed by {by}", f"head at go signed by {by}", f"head at completion signed by {by}"]
    code, lines = told(file)
    assert (code, lines[-1]) == (0, "signatures were not looked at: give --key PUBLIC.pem")


def test_a_key_in_a_variable_signs_as_well(signed: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOF_KEY", Path("gonogo-key.pem").read_text())
    Path("gonogo.toml").write_text(f'{SETTINGS}\n[record]\nkey = "env:PROOF_KEY"\n')
    assert told(exported(), "--key", "public.pem")[0] == 0


def test_openssl_comes_to_the_same(signed: Team, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine, which would verify a signature without gonogo")
    export = json.loads(Path(exported()).read_text())
    head = export["heads"][0]
    message = head_message(export["journal"]["chain"], head["seq"], head["hash"])
    for content, signature in ((message, head["signature"]), (export_message(export), export["signature"]["value"])):
        Path("message").write_bytes(content)
        Path("signature").write_bytes(base64.b64decode(signature))
        verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message"]
        done = subprocess.run([*verify, "-sigfile", "signature"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n"), done.stderr


def another_key(export: dict[str, Any]) -> tuple[SigningKey, str]:
    key = SigningKey.make()
    return key, f"signed by {key.fingerprint[:16]}, which is none of the keys given"


def sign_again(export: dict[str, Any], key: SigningKey) -> None:
    del export["signature"]
    export["signature"] = {"key": key.fingerprint, "value": key.sign(export_message(export))}


def swap_the_key(export: dict[str, Any], own: SigningKey) -> str:
    key, words = another_key(export)
    sign_again(export, key)
    return f"export: it is {words}"


def remove_the_signature(export: dict[str, Any], own: SigningKey) -> str:
    del export["signature"]
    return "the export is not signed"


def change_the_signature(export: dict[str, Any], own: SigningKey) -> str:
    value = export["signature"]["value"]
    export["signature"]["value"] = ("B" if value[0] == "A" else "A") + value[1:]
    return f"export: its signature is not one that {own.fingerprint[:16]} made for it"


def write_a_signature_otherwise(export: dict[str, Any], own: SigningKey) -> str:
    """Base64 has unused bits: the same signature in other letters."""
    value = export["signature"]["value"]
    other = chr(ord(value[-3]) + 1)
    assert base64.b64decode(value[:-3] + other + "==") == base64.b64decode(value)
    export["signature"]["value"] = value[:-3] + other + "=="
    return "export: its signature is not one that"


def swap_two_heads(export: dict[str, Any], own: SigningKey) -> str:
    first, second = export["heads"]
    first["signature"], second["signature"] = second["signature"], first["signature"]
    sign_again(export, own)
    return f"head at go: its signature is not one that {own.fingerprint[:16]} made for it"


def remove_a_head_s_signature(export: dict[str, Any], own: SigningKey) -> str:
    del export["heads"][1]["signature"]
    sign_again(export, own)
    return "the head at completion (journal row 7) has no signature, and its row names a key"


def sign_a_head_by_another(export: dict[str, Any], own: SigningKey) -> str:
    head = export["heads"][0]
    head["signature"] = another_key(export)[0].sign_head(export["journal"]["chain"], head["seq"], head["hash"])
    sign_again(export, own)
    return f"head at go: its signature is not one that {own.fingerprint[:16]} made for it"


def make_it_something_else(export: dict[str, Any], own: SigningKey) -> str:
    export["signature"] = [1]
    return "signatures: a part is missing or of another shape"


@pytest.mark.parametrize(
    "tamper",
    [
        *(swap_the_key, remove_the_signature, change_the_signature, write_a_signature_otherwise, swap_two_heads),
        *(remove_a_head_s_signature, sign_a_head_by_another, make_it_something_else),
    ],
    ids=lambda tamper: tamper.__name__,
)
def test_what_is_wrong_with_a_signature_is_named(
    signed: Team, tamper: Callable[[dict[str, Any], SigningKey], str]
) -> None:
    export = json.loads(Path(exported()).read_text())
    words = tamper(export, SigningKey.read(Path("gonogo-key.pem").read_bytes()))
    Path("e.json").write_text(json.dumps(export))
    code, lines = told("e.json", "--key", "public.pem")
    assert (code, lines[0].split("  ")[0]) == (1, "BROKEN")
    assert any(words in line for line in lines), lines


def test_a_deployment_of_before_the_key_and_one_of_two_keys(team: Team) -> None:
    """Go and completion without a key, then one with a first key, one and the export with a second."""
    finish(team)
    files = []
    for name in ("first", "second"):
        gonogo("key", "new", "--output", f"{name}.pem")
        Path("gonogo.toml").write_text(f'{SETTINGS}\n[record]\nkey = "{name}.pem"\n')
        Path(f"{name}.pub").write_text(gonogo("key", "show").stdout)
        files.append(fingerprint(f"{name}.pub")[:16])
        key = SigningKey.read(Path(f"{name}.pem").read_bytes())
        closer = replace(team, key=lambda key=key: key)
        found = team.deployment()
        closer.write(lambda unit, found=found: chronicle(unit, found, team.act("U0ANN", 20), "closed"))
    file = exported()
    code, lines = told(file, "--key", "first.pub", "--key", "second.pub")
    assert code == 0, lines
    assert lines[2:] == [
        f"export signed by {files[1]}",
        "head at go not signed (made before the key)",
        "head at completion not signed (made before the key)",
        f"head at closing signed by {files[0]}",
        f"head at closing signed by {files[1]}",
    ]
    code, lines = told(file, "--key", "second.pub")
    assert (code, lines[1]) == (1, f"head at closing: it is signed by {files[0]}, which is none of the keys given")


def test_a_state_of_before_keys_is_brought_up_to_date(team: Team) -> None:
    finish(team)
    with sqlite3.connect("gonogo.db") as state:
        for table in ("applied_migration", "_sqlite_migrations"):
            state.execute(f"DELETE FROM {table} WHERE name LIKE '00004%'")
        state.execute("DROP TABLE anchor")
        state.execute("ALTER TABLE journal DROP COLUMN signature")
    assert gonogo("export", "1").stderr.startswith("gonogo: the state file lacks migration 00004")
    Store.open("gonogo.db").close()
    gonogo("key", "new")
    Path("gonogo.toml").write_text(SETTINGS + RECORD)
    gonogo("key", "show", "--output", "public.pem")
    code, lines = told(exported(), "--key", "public.pem")
    assert (code, lines[-2]) == (0, "head at go not signed (made before the key)")


def test_a_key_to_trust_has_to_be_one(signed: Team) -> None:
    file = exported()
    for wrong in ("gonogo-key.pem", "gonogo.toml"):
        assert told(file, "--key", wrong) == (
            1,
            [f"gonogo: {wrong} holds no public key in PEM; `gonogo key show` prints it"],
        )
    assert told(file, "--key", "none.pem") == (1, ["gonogo: none.pem cannot be read: No such file or directory"])


def line_changes(text: str) -> Iterator[tuple[str, str]]:
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        before, after = lines[:at], lines[at + 1 :]
        yield f"line {at + 1} changed", "".join([*before, f"{line[:-1]}x\n", *after])
        yield f"line {at + 1} removed", "".join([*before, *after])
        yield f"a line after {at + 1}", "".join([*before, line, "\n", *after])
        yield f"line {at + 1} twice", "".join([*before, line, line, *after])
        if after and after[0] != line:
            yield f"line {at + 1} swapped", "".join([*before, after[0], line, *after[1:]])


def test_no_line_of_a_record_can_be_changed(signed: Team) -> None:
    text = Path(exported("md")).read_text()
    tried, silent, unseen = 0, [], []
    for what, changed in line_changes(text):
        Path("changed.md").write_text(changed)
        tried += 1
        silent += [what] if told("changed.md", "--key", "public.pem")[0] == 0 else []
        unseen += [what] if told("changed.md")[0] == 0 else []
    print(f"\n{tried - len(silent)} of {tried} changes of a record are noticed, {len(unseen)} by the key alone")
    assert tried > 1000
    assert (silent, unseen) == ([], [f"line {len(text.splitlines())} changed"])


def test_a_record_alone_and_with_a_key(signed: Team) -> None:
    file, by = exported("md"), fingerprint()[:16]
    text = Path(file).read_text()
    code, lines = told(file)
    assert (code, lines[1]) == (0, "signatures were not looked at: give --key PUBLIC.pem")
    digest = text.splitlines()[-2].rpartition(" ")[2]
    assert lines[0] == f"as it was written  e.md: {len(text.splitlines()) - 2} lines, digest {digest[:16]}"
    assert told(file, "--key", "public.pem")[1][1] == f"record signed by {by}"
    above = text[: text.index("- Digest of the text above: sha-256 ")]
    assert hashlib.sha256(above.encode()).hexdigest() == digest


@pytest.mark.parametrize(
    "passed_on", [lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\r\n", 40)]
)
def test_line_ends_of_mail_and_git_change_nothing(signed: Team, passed_on: Callable[[str], str]) -> None:
    text = Path(exported("md")).read_text()
    Path("mailed.md").write_bytes(passed_on(text).encode())
    assert told("mailed.md", "--key", "public.pem")[0] == 0


def test_a_byte_that_reads_like_another_is_another(signed: Team) -> None:
    """U+FFFD stands for what cannot be seen; a reader that is kind to broken UTF-8 sees the same in a broken byte."""
    signed.run(note, "U0ANN", "rollback-plan", "a\u202eb", minutes=12)
    content = Path(exported("md")).read_bytes()
    assert content.count("\ufffd".encode()) == 1
    Path("changed.md").write_bytes(content.replace("\ufffd".encode(), b"\xff"))
    assert told("e.md", "--key", "public.pem")[0] == 0
    assert told("changed.md")[0] == 1


def test_the_console_signs_a_completion_or_refuses_it(signed: Team) -> None:
    """A head without the signature that its settings promise would look like one of before the key."""
    signed.run(close, "U0ANN", "the next one has to go first", minutes=10)
    signed.write(lambda unit: start(unit, signed.project, signed.act("U0BO", 20), "production", "00010"))
    signed.go(2)
    secret = Path("gonogo-key.pem").read_text()
    Path("gonogo-key.pem").unlink()
    arguments = ("complete", "2", "--as", "U0BO", "--result", "partial", "--notes", "as it was")
    refused = gonogo(*arguments)
    assert (refused.exit_code, "record.key: the key's file cannot be read" in refused.stderr) == (2, True)
    assert gonogo("hold", "2", "--as", "U0BO", "--reason", "no key, and still held").exit_code == 0
    Path("gonogo-key.pem").write_text(secret)
    done = gonogo(*arguments)
    assert done.exit_code == 0, done.output
    gonogo("export", "2", "--format", "json", "--output", "e.json")
    assert told("e.json", "--key", "public.pem")[1][-1] == f"head at completion signed by {fingerprint()[:16]}"


def test_a_head_after_the_key_was_taken_out(signed: Team) -> None:
    replace(signed, key=lambda: None).run(close, "U0ANN", "somebody else's", minutes=10)
    code, lines = told(exported(), "--key", "public.pem")
    assert (code, lines[-1]) == (0, "head at closing not signed (though one before it is)")


def test_a_record_without_a_key_says_what_its_digest_is_worth(team: Team) -> None:
    finish(team)
    code, lines = told(exported("md"))
    assert code == 0
    assert lines[1].startswith("not signed: whoever changes the text can renew its digest too; compare it")
    gonogo("key", "new")
    Path("gonogo.toml").write_text(SETTINGS + RECORD)
    Path("public.pem").write_text(gonogo("key", "show").stdout)
    assert told("e.md", "--key", "public.pem")[1][1] == "the record is not signed"


def test_what_is_no_record_and_what_does_not_go_together(signed: Team) -> None:
    record, export = exported("md"), exported()
    Path("other.md").write_text("# Anything\n")
    assert told("other.md")[1][0].startswith("gonogo: other.md: not a record as gonogo wrote it")
    assert told(record, "--head", "0" * 64)[1][0].endswith("give --head together with --against EXPORT.json")
    assert told(export, "--against", export)[1][0].endswith("--against is for a Markdown record, and this is none")
    code, lines = told(record, "--against", export)
    assert (code, lines[1]) == (1, "no row of the journal has its digest: this text was never posted in the thread")
    assert "Digest of the text above" not in gonogo("export", "1", "--format", "html").stdout


def test_what_signing_costs_a_click(team: Team) -> None:
    """Go is one unit: with the key and without, the same unit, many times."""
    key = SigningKey.make()
    spent: dict[str, list[float]] = {"without a key": [], "with one": []}
    for number in range(60):
        name = "with one" if number % 2 else "without a key"
        signer = replace(team, key=(lambda: key) if number % 2 else (lambda: None))
        begun = time.perf_counter()
        signer.go()
        spent[name].append(time.perf_counter() - begun)
    begun = time.perf_counter()
    for number in range(200):
        key.sign_head("T0ACME/default/1", number, "0" * 64)
    one = (time.perf_counter() - begun) / 200
    shown = ", ".join(f"{name} {statistics.median(times) * 1000:.2f} ms" for name, times in spent.items())
    print(f"\na go in the store: {shown}; one signature {one * 1e6:.0f} µs")
    assert one < 0.005
