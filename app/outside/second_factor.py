"""The second factor: a code that changes every 30 seconds (TOTP, RFC 6238), and recovery codes for when the telephone is lost.

The only import of pyotp.
"""

import base64
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import pyotp

ISSUER = "Alur"
"""What an authenticator shows beside the account."""

STEP = timedelta(seconds=30)
RECOVERY_CODES = 10

_SECRET_BYTES = 20  # 160 bits, the size of SHA-1's output (RFC 4226 §4)
_RECOVERY_BYTES = 15  # 120 bits, 24 characters of base32
_GROUP = 6
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY = re.compile(r"[A-Z2-7]{24}", re.ASCII)


def new_secret() -> str:
    """In base32, as authenticators want it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def provisioning_uri(secret: str, username: str) -> str:
    """What the QR code of an enrolment says (otpauth://totp/…)."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER))


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, at most one step away; None where it is none of them. Blanks within are nothing.

    The step is told so that its code is used once: whoever looks over a shoulder is too late.
    """
    written = re.sub(r"\s", "", code)
    if not _CODE.fullmatch(written):
        return None
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // int(STEP.total_seconds())
    steps = (current, current - 1, current + 1)
    matching = [step for step in steps if secrets.compare_digest(totp.generate_otp(step), written)]
    return matching[0] if matching else None


def new_recovery_codes() -> list[str]:
    return [new_recovery_code() for _ in range(RECOVERY_CODES)]


def new_recovery_code() -> str:
    """120 random bits as they are shown once, to be read out and typed in: ABCDEF-GHIJKL-MNOPQR-STUVWX."""
    code = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii")
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def recovery_hash(code: str) -> str | None:
    """The SHA-256 under which a recovery code is kept, however it was typed; None for what cannot be one."""
    written = re.sub(r"[\s-]", "", code).upper()
    return sha256(written.encode("ascii")).hexdigest() if _RECOVERY.fullmatch(written) else None
