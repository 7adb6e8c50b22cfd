"""The signing gateway of BSrE inside a local government: our PDF in, the same PDF with a signature back (HTTP Basic, API v1 or v2).

v1 takes a form and answers the PDF itself, named by the header `id_dokumen`; v2 takes and answers JSON with base64. Signing is not idempotent,
so what went wrong says whether the gateway may have signed. The passphrase is in the body of one request and nowhere else.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

import structlog
from anyio import to_thread

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, ANSWER_SECONDS = 5, 60
WHOLE_ANSWER_SECONDS = 120
"""For all of it: `ANSWER_SECONDS` are for its first byte, and for each that follows."""

MAX_DOCUMENT = 10 * 1024 * 1024
"""What is sent and what comes back pass through memory, v2's in base64."""

_MOST_ANSWERED = 3 * MAX_DOCUMENT
_PDF = b"%PDF-"
_REASONS = {2011: "signer_unknown", 2021: "certificate_not_active", 2031: "passphrase_wrong"}
"""The gateway's own `status_code`, of v1 and v2 alike."""

log = structlog.get_logger("alur.bsre")


class GatewayFailed(Exception):
    """The gateway has surely not signed.

    `code`: passphrase_wrong | signer_unknown | certificate_not_active | gateway_refused | gateway_unreachable.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class OutcomeUnknown(Exception):
    """The request went out, and no answer came that can be read: it may have signed."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the NIK under which BSrE knows them, and the passphrase of their certificate."""

    nik: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """`document` is the gateway's own id of it, where it gives one (v1)."""

    content: bytes = field(repr=False)
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """`api`: v1 or v2."""

    url: str
    api: str
    username: str
    password: str = field(repr=False)

    async def sign(self, path: Path, signer: Signer) -> SignedPdf:
        """The PDF signed, invisibly: the page stays as it is. Raises GatewayFailed, OutcomeUnknown.

        Once the request is out it is waited for, also when the caller has gone: otherwise nobody would know.
        """
        return await asyncio.shield(to_thread.run_sync(self._sign, path, signer))

    def _sign(self, path: Path, signer: Signer) -> SignedPdf:
        import httpx  # noqa: PLC0415 - only who signs through a gateway pays for it

        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        with httpx.Client(base_url=self.url, auth=(self.username, self.password), timeout=limits, trust_env=False) as client:
            sign = _sign_v1 if self.api == "v1" else _sign_v2
            try:
                return sign(client, path.read_bytes(), signer)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                log.warning("gateway not reached", kind=type(error).__name__)
                raise GatewayFailed("gateway_unreachable") from None
            except httpx.HTTPError as error:
                log.error("gateway did not answer", kind=type(error).__name__)
                raise OutcomeUnknown from None


def _sign_v1(client: "httpx.Client", pdf: bytes, signer: Signer) -> SignedPdf:
    form = {"nik": signer.nik, "passphrase": signer.passphrase, "tampilan": "invisible"}
    with client.stream("POST", "/api/sign/pdf", data=form, files={"file": ("dokumen.pdf", pdf, "application/pdf")}) as response:
        if response.status_code != 200:
            _failed(response.status_code, _read(response))
        document = _document_id(response.headers)
        content = _read_or_fetch(client, response, document)
    return SignedPdf(_checked(content), document)


def _read_or_fetch(client: "httpx.Client", response: "httpx.Response", document: str | None) -> bytes:
    """An answer that breaks off is asked for again by its id: the gateway keeps what it signed."""
    import httpx  # noqa: PLC0415

    try:
        return _read(response)
    except httpx.HTTPError:
        if document is None:
            raise
    with client.stream("GET", f"/api/sign/download/{document}") as again:
        if again.status_code != 200:
            raise OutcomeUnknown
        return _read(again)


def _sign_v2(client: "httpx.Client", pdf: bytes, signer: Signer) -> SignedPdf:
    body = {
        "nik": signer.nik,
        "passphrase": signer.passphrase,
        "signatureProperties": [{"tampilan": "INVISIBLE"}],
        "file": [base64.b64encode(pdf).decode("ascii")],
    }
    with client.stream("POST", "/api/v2/sign/pdf", json=body) as response:
        answered = _read(response)
        if response.status_code != 200:
            _failed(response.status_code, answered)
    return SignedPdf(_checked(_first_file(answered)), None)


def _first_file(answered: bytes) -> bytes:
    try:
        return base64.b64decode(json.loads(answered)["file"][0], validate=True)
    except (ValueError, KeyError, IndexError, TypeError, binascii.Error, RecursionError):
        raise OutcomeUnknown from None


def _read(response: "httpx.Response") -> bytes:
    """Not without end. Raises OutcomeUnknown."""
    content, until = bytearray(), monotonic() + WHOLE_ANSWER_SECONDS
    for piece in response.iter_bytes():
        content += piece
        if len(content) > _MOST_ANSWERED or monotonic() > until:
            raise OutcomeUnknown
    return bytes(content)


def _checked(content: bytes) -> bytes:
    if not content.startswith(_PDF):
        raise OutcomeUnknown
    return content


def _document_id(headers: Mapping[str, str]) -> str | None:
    """Only one that can stand in a path."""
    found = headers.get("id_dokumen", "").strip()
    return found if found and len(found) <= 200 and all(c.isascii() and (c.isalnum() or c in "-_") for c in found) else None


def _failed(status: int, answered: bytes) -> NoReturn:
    """A refusal says that nothing was signed; an error of the gateway's own (5xx) says nothing, unless it names a reason that we know."""
    code = _REASONS.get(_status_code(answered))
    log.warning("gateway refused", status=status, reason=code)
    if code is None and status >= 500:
        raise OutcomeUnknown
    raise GatewayFailed(code or "gateway_refused")


def _status_code(answered: bytes) -> int:
    try:
        found: Any = json.loads(answered)
        return int(found["status_code"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0
