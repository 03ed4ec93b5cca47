"""PINs as they are kept: salted and hashed with a memory-hard function (RFC 7914), 16 MiB a try."""

from __future__ import annotations

import hashlib
import hmac
import os

_N, _R, _P = 2**14, 8, 1


def hash_pin(secret: str) -> str:
    """The form in which a PIN is stored: "scrypt:N:r:p:salt:hash" in hex."""
    salt = os.urandom(16)
    return f"scrypt:{_N}:{_R}:{_P}:{salt.hex()}:{_digest(secret, salt, _N, _R, _P).hex()}"


def is_pin(secret: str, stored: str | None) -> bool:
    """Whether a PIN is the stored one; False for a patron who has none."""
    if not stored:
        return False
    _, n, r, p, salt, digest = stored.split(":")
    made = _digest(secret, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, bytes.fromhex(digest))


def _digest(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=32)
