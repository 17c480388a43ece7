"""Whether records can be proved: the key that signs, the heads that it signed, and those that no anchor took."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress

from bot.core.signing import PublicKeys, SigningKey, head_message, short
from bot.doctor.finding import Level, fault, ok, warning
from bot.settings import Settings, SettingsError
from bot.storage import Store, StoreFault
from bot.usecases.books.units import PostReader
from checks.result import Finding, counted

PROOF = "proof"
_NEWEST = 100


def ask_proof(settings: Settings) -> Iterator[Finding]:
    """What the settings and the state say by themselves, a key or a file that cannot be used, is said before this."""
    try:
        key = settings.signing_key()
    except SettingsError:
        return
    if key is None:
        hint = "`gonogo key new` makes a key, [record] key names it"
        yield Finding("heads, exports and records are not signed", PROOF, hint=hint, severity=Level.OK)
    else:
        yield from _mode(settings, key)
    if not settings.database_path.exists():
        return
    with suppress(StoreFault), closing(Store.open(settings.database_path, read_only=True)) as store:
        yield from store.read(lambda reader: [*(_heads(reader, key) if key else ()), *_anchors(reader)])


def _mode(settings: Settings, key: SigningKey) -> Iterator[Finding]:
    """A key that others may read signs for others."""
    file = settings.key_file
    mode = file.stat().st_mode & 0o777 if file else 0
    if mode & 0o077:
        yield fault(PROOF, f"others may use the private key {file} (its mode is {mode:o})", f"chmod 600 {file}")
    else:
        yield ok(PROOF, f"heads, exports and records are signed by {short(key.fingerprint)}")


def _heads(reader: PostReader, key: SigningKey) -> Iterator[Finding]:
    """Those of the last hundred deployments: by another key, or not as they were signed."""
    keys, others = PublicKeys(), Counter[str]()
    keys.trust(key.public_pem().encode())
    for deployment in reader.deployments.recent(_NEWEST):
        for entry in reader.journal.entries(deployment.chain):
            signer = json.loads(entry.body).get("signed_by")
            if signer not in (None, key.fingerprint):
                others[short(signer)] += 1
            elif signer and keys.fault(signer, entry.signature, head_message(entry.chain, entry.seq, entry.hash)):
                sentence = f"deployment {deployment.label}: the head in journal row {entry.seq} is not the one signed"
                yield fault(PROOF, sentence, "somebody wrote the state anew: restore a backup")
    for signer, number in others.items():
        sentence = f"{counted(number, 'head')} of earlier deployments signed by {signer}, which is not this key"
        yield warning(PROOF, sentence, "keep that key's public half: `gonogo verify` takes --key more than once")


def _anchors(reader: PostReader) -> Iterator[Finding]:
    if given_up := reader.anchors.given_up():
        sentence = f"{counted(len(given_up), 'head')} not anchored, the last for: {given_up[-1].error}"
        yield warning(PROOF, sentence, "mend the command of [record] anchor and restart gonogo: it tries again")
