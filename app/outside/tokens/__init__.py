"""Access tokens and their keys: the only package that imports python-jose."""

from app.outside.tokens.access import MAX_TOKEN_BYTES, Tokens
from app.outside.tokens.claims import LIFETIME, MAX_LEEWAY, Claims
from app.outside.tokens.keys import SigningKey, VerificationKey, generate_key_pem
from app.outside.tokens.ring import HeldKey, KeyRing, Keys, KeySource

__all__ = [
    "LIFETIME",
    "MAX_LEEWAY",
    "MAX_TOKEN_BYTES",
    "Claims",
    "HeldKey",
    "KeyRing",
    "KeySource",
    "Keys",
    "SigningKey",
    "Tokens",
    "VerificationKey",
    "generate_key_pem",
]
