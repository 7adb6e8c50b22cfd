"""Bodies and answers of sessions."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.domain.passwords import MAX_PASSWORD, MIN_PASSWORD
from app.domain.second_factor import Standing
from app.outside.passwords import MAX_LENGTH
from app.usecases.sessions import SignedIn
from app.web.schemas.base import AnswerModel, RequestModel


def password_field() -> Any:
    """A password as it is given; whether it may become one is judged elsewhere."""
    return Field(min_length=1, max_length=MAX_LENGTH, repr=False, json_schema_extra={"format": "password"}, examples=["kata-sandi-anda"])


def new_password_field() -> Any:
    return Field(
        min_length=MIN_PASSWORD, max_length=MAX_PASSWORD, repr=False, json_schema_extra={"format": "password"}, examples=["kapal biru di teluk"]
    )


def code_field(**more: Any) -> Any:
    return Field(min_length=1, max_length=100, repr=False, examples=["123456"], **more)


class SignIn(RequestModel):
    """Nama pengguna dan kata sandi. A username and its password; `code` of the second factor where the account has one."""

    username: str = Field(min_length=1, max_length=100, examples=["camat"])
    password: str = password_field()
    code: str | None = code_field(default=None)


class RefreshRequest(RequestModel):
    """Token penyegar terakhir. The latest refresh token: each serves once."""

    refresh_token: str = Field(min_length=1, max_length=200, repr=False)


class PasswordReset(RequestModel):
    """Rahasia sekali pakai dari pengelola, dan kata sandi baru. An administrator's one-time secret, and the new password."""

    username: str = Field(min_length=1, max_length=100, examples=["camat"])
    one_time_secret: str = Field(min_length=1, max_length=100, repr=False, examples=["ABCDEF-GHIJKL-MNOPQR-STUVWX"])
    new_password: str = new_password_field()


class SessionTokens(AnswerModel):
    """Token sesi. `expires_in` counts the seconds of the access token.

    `enrolment_needed`: some positions need a second factor and stay out of the token until one is enrolled.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the kind of token, not a token
    expires_in: int = Field(examples=[600])
    refresh_token: str
    second_factor: Standing

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        return cls(
            access_token=signed_in.access_token,
            expires_in=signed_in.expires_in,
            refresh_token=signed_in.refresh_token,
            second_factor=signed_in.second_factor,
        )


class EllipticCurveKey(AnswerModel):
    """RFC 7518 §6.2. Kunci publik ES256. A public key for ES256."""

    kty: Literal["EC"]
    use: Literal["sig"]
    alg: Literal["ES256"]
    kid: str
    crv: Literal["P-256"]
    x: str
    y: str


class RsaKey(AnswerModel):
    """RFC 7518 §6.3. Kunci publik RS256. A public key for RS256."""

    kty: Literal["RSA"]
    use: Literal["sig"]
    alg: Literal["RS256"]
    kid: str
    n: str
    e: str


class KeySet(AnswerModel):
    """RFC 7517 §5. Kunci untuk memeriksa token akses. The keys that verify access tokens."""

    keys: list[Annotated[EllipticCurveKey | RsaKey, Field(discriminator="kty")]]

    @classmethod
    def of(cls, jwks: dict[str, list[dict[str, Any]]]) -> Self:
        return cls.model_validate(jwks)


class Discovery(AnswerModel):
    """Apa yang perlu diketahui untuk memeriksa token kami (OpenID Connect Discovery 1.0, as far as it applies).

    There is no authorization endpoint: Alur signs its own people in (`POST /v1/auth/sessions`).
    """

    issuer: str
    jwks_uri: str
    id_token_signing_alg_values_supported: list[str]
    subject_types_supported: list[str]
    response_types_supported: list[str]
    claims_supported: list[str]

    @classmethod
    def of(cls, issuer: str, jwks: dict[str, list[dict[str, Any]]]) -> Self:
        """Nothing here comes from the request: whoever could choose the Host header would choose whose keys are believed."""
        return cls(
            issuer=issuer,
            jwks_uri=f"{issuer.rstrip('/')}/.well-known/jwks.json",
            id_token_signing_alg_values_supported=sorted({key["alg"] for key in jwks["keys"]}),
            subject_types_supported=["public"],
            response_types_supported=[],
            claims_supported=["iss", "aud", "sub", "iat", "exp", "jti", "sid", "name", "roles", "permissions"],
        )
