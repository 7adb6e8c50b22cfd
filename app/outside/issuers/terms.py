"""What the file of ALUR_ISSUERS_FILE says: which other OpenID issuers are believed, about whom, and about what.

Every mistake ends the start with a sentence that names the line: an issuer half understood would be one that grants too much.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationError, model_validator

from app.domain.assignments import ROLE
from app.domain.offices import OFFICE_CODE
from app.domain.permissions import INTEGRATION
from app.domain.procedure_checks import ProcedureRejected
from app.outside.issuers.addresses import address_mistake

if TYPE_CHECKING:
    from app.outside.catalog import Draft

MAX_LEEWAY_SECONDS = 60
MAX_ISSUERS = 20
WELL_KNOWN = "/.well-known/openid-configuration"


class IssuersRefused(ValueError):
    """Says which line of the file is wrong, and how."""


def _address(value: str) -> str:
    mistake = address_mistake(value)
    if mistake is not None:
        raise ValueError(f"the address {mistake}")
    return value


def _office(value: str) -> str:
    if len(value) > 40 or not OFFICE_CODE.fullmatch(value):
        raise ValueError('an office code looks like "64.02.13"')
    return value


def _grant(value: str) -> str:
    office, _, name = value.partition(":")
    _office(office)
    if not ROLE.fullmatch(name):
        raise ValueError('a grant looks like "64.02.13:camat"')
    if name == INTEGRATION:
        raise ValueError(f"{INTEGRATION} is for service accounts, no issuer grants it")
    return value


def _steps(value: object) -> object:
    return value.split(".") if isinstance(value, str) else value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Text = Annotated[str, Field(min_length=1, max_length=255)]
Address = Annotated[str, Field(max_length=500), AfterValidator(_address)]
Office = Annotated[str, AfterValidator(_office)]
Grant = Annotated[str, AfterValidator(_grant)]
ClaimPath = Annotated[tuple[Text, ...], BeforeValidator(_steps), Field(min_length=1, max_length=10)]
"""Written with dots (`realm_access.roles`), or as a list where a name has dots of its own."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClaimPaths(_Part):
    """Where the issuer's tokens say what. The defaults are Keycloak's."""

    username: ClaimPath = ("preferred_username",)
    name: ClaimPath = ("name",)
    grants: ClaimPath = ("realm_access", "roles")


_HOW_SIGNED_IN = {"acr", "amr"}
"""Other claims that are required say something of the person, not of how they signed in."""


class IssuerTerms(_Part):
    """One issuer. `issuer` is compared with `iss` letter by letter; `offices`: it speaks for these and for those below, for no other.

    `grants`: what a value in the claim gives, as office:role or office:permission. `require`: claims by their path, and the values that will do.
    `second_factor`: trusted where everybody who signs in there has passed one, though the tokens do not say so.
    `accept_id_tokens`: for an issuer whose access tokens cannot be read; an ID token is meant for the application, not for us.
    """

    issuer: Address
    audience: Text
    discovery: Address | None = None
    algorithms: Annotated[tuple[Literal["RS256", "ES256"], ...], Field(min_length=1), AfterValidator(_once)] = ("RS256", "ES256")
    leeway_seconds: Annotated[int, Strict(), Field(ge=0, le=MAX_LEEWAY_SECONDS)] = 30
    offices: Annotated[tuple[Office, ...], Field(min_length=1), AfterValidator(_once)]
    claims: ClaimPaths = ClaimPaths()
    grants: Annotated[dict[Text, Annotated[tuple[Grant, ...], Field(min_length=1), AfterValidator(_once)]], Field(min_length=1)]
    require: dict[Text, Annotated[tuple[Text, ...], Field(min_length=1)]] = {}
    second_factor: Literal["trusted"] | None = None
    accept_id_tokens: Annotated[bool, Strict()] = False

    @property
    def vouches(self) -> bool:
        """Whether a second factor stands behind its tokens: they must say so (RFC 8176, OpenID Connect Core §2), or whoever runs this server does."""
        return not self.require.keys().isdisjoint(_HOW_SIGNED_IN) or self.second_factor == "trusted"

    @property
    def discovery_address(self) -> str:
        return self.discovery or self.issuer.rstrip("/") + WELL_KNOWN


class _File(_Part):
    issuers: Annotated[tuple[IssuerTerms, ...], Field(min_length=1, max_length=MAX_ISSUERS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [terms.issuer for terms in self.issuers]
        if len(set(named)) < len(named):
            raise ValueError("an issuer stands there twice")
        return self


def read_issuers(file: Path, *, own: str) -> tuple[IssuerTerms, ...]:
    """`own` is our own issuer, which nobody else can be. Raises IssuersRefused."""
    from app.outside.catalog import read  # noqa: PLC0415 - the reader of YAML, for servers that have such a file

    try:
        draft = read(file.read_bytes())
        found = _File.model_validate(draft.value).issuers
    except OSError as error:
        raise IssuersRefused(f"ALUR_ISSUERS_FILE names {file}, which cannot be read: {error.strerror}.") from error
    except ProcedureRejected as error:
        raise IssuersRefused(f"{file} (ALUR_ISSUERS_FILE): {error.problems[0].en}") from error
    except ValidationError as error:
        raise IssuersRefused("\n".join(_sentences(file, draft, error))) from error
    if own in {terms.issuer for terms in found}:
        raise IssuersRefused(f"{file} (ALUR_ISSUERS_FILE) names {own}, which is this server itself (ALUR_ISSUER).")
    return found


def _sentences(file: Path, draft: "Draft", error: ValidationError) -> Iterator[str]:
    """Never the value itself: somebody may have pasted a secret into the wrong line."""
    found = error.errors(include_input=False, include_url=False)
    places: list[tuple[Any, ...]] = [mistake["loc"] for mistake in found]
    for mistake, place in zip(found, places, strict=True):
        if any(other[: len(place)] == place and other != place for other in places):
            continue  # only says that something inside it is wrong
        line, _ = draft.place("".join(f"/{step}" for step in place))
        said = mistake["msg"].removeprefix("Value error, ")
        yield f"{file} (ALUR_ISSUERS_FILE), line {line}: {'.'.join(map(str, place)) or 'the file'}: {said}."
