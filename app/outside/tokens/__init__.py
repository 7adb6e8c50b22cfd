"""Access tokens and their keys: the only package that imports python-jose."""

from app.outside.tokens.access import LIFETIME, MAX_LEEWAY_SECONDS, MAX_TOKEN_BYTES, Tokens
from app.outside.tokens.claims import Claims
from app.outside.tokens.keys import SigningKey, VerificationKey, generate_key_pem

__all__ = ["LIFETIME", "MAX_LEEWAY_SECONDS", "MAX_TOKEN_BYTES", "Claims", "SigningKey", "Tokens", "VerificationKey", "generate_key_pem"]
