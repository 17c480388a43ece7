"""What is signed, by whom, and the digest that ends a record. Keys are given; nothing here reads a file.

Ed25519 (RFC 8032), signatures in base64. What is signed begins with what it is, so that the signature of one thing is
none of another (docs/architecture.md: *Bytes that never change*).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from bot.core.verify import Export, canonical
from checks.result import Unusable

_NOT_MADE = "`gonogo key new` makes one"


def head_message(chain: str, seq: int, head: str) -> bytes:
    """What the signature of a head covers: its hash, and where it stands."""
    return f"gonogo-head/1\n{chain}\n{seq}\n{head}".encode()


def export_message(export: Export) -> bytes:
    """What the signature of an export covers: all of it but that signature."""
    rest = {name: part for name, part in export.items() if name != "signature"}
    return f"gonogo-export-signature/1\n{canonical(rest)}".encode()


def record_message(digest: str) -> bytes:
    """What the signature of a record covers: the digest of its text."""
    return f"gonogo-record/1\n{digest}".encode()


class SigningKey:
    """The private half. It shows its fingerprint, and nothing of itself."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.fingerprint = _fingerprint(private.public_key())

    @classmethod
    def make(cls) -> SigningKey:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, pem: bytes) -> SigningKey:
        """PKCS#8 in PEM, without a passphrase. Raises Unusable, whose sentence repeats nothing of what was read."""
        try:
            found = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Unusable("holds no private key in PEM, or one behind a passphrase", _NOT_MADE) from None
        if not isinstance(found, Ed25519PrivateKey):
            raise Unusable("holds a key of another kind than Ed25519", _NOT_MADE)
        return cls(found)

    def __repr__(self) -> str:
        return f"<signing key {short(self.fingerprint)}>"

    def sign(self, message: bytes) -> str:
        """64 bytes in base64."""
        return base64.b64encode(self._private.sign(message)).decode()

    def sign_head(self, chain: str, seq: int, head: str) -> str:
        return self.sign(head_message(chain, seq, head))

    def private_pem(self) -> str:
        """PKCS#8, to be written into a file of its owner's alone."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def public_pem(self) -> str:
        """SubjectPublicKeyInfo, which `openssl pkey -pubin` and `gonogo verify --key` read."""
        return self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _fingerprint(public: Ed25519PublicKey) -> str:
    """sha-256 of the public half in DER (RFC 8410), in hex."""
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def short(fingerprint: object) -> str:
    """As people read it."""
    return str(fingerprint)[:16]


class PublicKeys:
    """The public halves that an auditor trusts, by their fingerprint; several where a key was changed."""

    def __init__(self) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}

    def trust(self, pem: bytes) -> None:
        """Raises Unusable for what is no public Ed25519 key in PEM."""
        try:
            found = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise Unusable("holds no public key in PEM", "`gonogo key show` prints it") from None
        if not isinstance(found, Ed25519PublicKey):
            raise Unusable("holds a key of another kind than Ed25519", "`gonogo key show` prints the right one")
        self._keys[_fingerprint(found)] = found

    def fault(self, fingerprint: object, signature: object, message: bytes) -> str:
        """Why a signature proves nothing; empty where it holds."""
        key = self._keys.get(str(fingerprint))
        if key is None:
            return f"it is signed by {short(fingerprint)}, which is none of the keys given"
        try:
            value = base64.b64decode(str(signature), validate=True)
            key.verify(value, message)
        except (InvalidSignature, ValueError):
            value = b""
        holds = value and base64.b64encode(value).decode() == signature
        return "" if holds else f"its signature is not one that {short(fingerprint)} made for it"


@dataclass
class Looked:
    """What came of looking at signatures: in `said` what holds or was never signed, in `broken` what does not hold."""

    said: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def take(self, what: str, signer: object, fault: str) -> None:
        """One signature."""
        self.said += [] if fault else [f"{what} signed by {short(signer)}"]
        self.broken += [f"{what}: {fault}"] if fault else []


def is_signed(export: Export) -> bool:
    """Whether there is a signature to look at."""
    return "signature" in export or '"signature":' in canonical(export.get("heads"))


def look_at_export(export: Export, keys: PublicKeys) -> Looked:
    """The signature of the export and of each head in it. Whether a signature is missing `bot.core.verify` knows."""
    looked = Looked()
    try:
        signature = export.get("signature")
        if signature is None:
            looked.broken.append("the export is not signed")
        else:
            fault = keys.fault(signature["key"], signature["value"], export_message(export))
            looked.take("export", signature["key"], fault)
        _look_at_heads(export, keys, looked)
    except (KeyError, TypeError, ValueError, LookupError) as fault:
        looked.broken.append(f"signatures: a part is missing or of another shape ({type(fault).__name__})")
    return looked


def _look_at_heads(export: Export, keys: PublicKeys, looked: Looked) -> None:
    """Each head by the key that its own row names."""
    why = "made before the key"
    for head in export["heads"]:
        what, entry = f"head {head['moment']}", export["journal"]["entries"][head["seq"] - 1]
        signer = json.loads(entry["body"]).get("signed_by")
        if signer is None:
            looked.said.append(f"{what} not signed ({why})")
        elif "signature" in head:
            why = "though one before it is"
            message = head_message(export["journal"]["chain"], head["seq"], head["hash"])
            looked.take(what, signer, keys.fault(signer, head["signature"], message))


_KEY, _DIGEST, _SIGNATURE = "- Signing key: ", "- Digest of the text above: sha-256 ", "- Signature: "
_SEALED = re.compile(rf"(.*\n){_DIGEST}([0-9a-f]{{64}})\n(?:{_SIGNATURE}([!-~]+)\n)?".encode(), re.DOTALL)
_SIGNER = re.compile(rf"\n{_KEY}([0-9a-f]{{64}})\n\Z".encode())


@dataclass(frozen=True)
class Seal:
    """How a record ends. `signer` is the fingerprint that its text names, `lines` are those of its text."""

    digest: str
    is_whole: bool
    lines: int
    signer: str | None
    signature: str | None


def seal(text: str, key: SigningKey | None) -> str:
    """A record with the digest of its own text as its last line; with a key that names it before, and signs after."""
    text += f"{_KEY}{key.fingerprint}\n" if key else ""
    digest = _digest(text.encode())
    signed = f"{_SIGNATURE}{key.sign(record_message(digest))}\n" if key else ""
    return f"{text}{_DIGEST}{digest}\n{signed}"


def read_seal(record: bytes) -> Seal | None:
    """The end of a record, however its lines end (mail and git change that); None where it ends with no digest."""
    match = _SEALED.fullmatch(record.replace(b"\r\n", b"\n"))
    if match is None:
        return None
    text, digest, named = match[1], match[2].decode(), _SIGNER.search(match[1])
    signer, signature = (part.decode() if part else None for part in (named and named[1], match[3]))
    is_whole = digest == _digest(text) and (signer is None) == (signature is None)
    return Seal(digest, is_whole, text.count(b"\n"), signer, signature)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()


def look_at_record(found: Seal, keys: PublicKeys) -> Looked:
    """The signature of a record."""
    looked = Looked()
    if found.signer is None:
        looked.broken.append("the record is not signed")
    else:
        looked.take("record", found.signer, keys.fault(found.signer, found.signature, record_message(found.digest)))
    return looked
