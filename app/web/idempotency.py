"""`Idempotency-Key`: the same request sent twice acts once. Here it is only read and recognised; the act's own statement stores the answer."""

import json
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from starlette.responses import Response

from app.domain.retries import Retry, StoredAnswer
from app.web.answers import respond


async def _key(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern="^[ -~]+$",
            description=(
                "Kunci pilihan Anda untuk permintaan ini: pengulangan dengan kunci dan isi yang sama dijawab dengan jawaban pertama (24 jam). "
                "A key of your choice for this request: a repetition with the same key and body gets the first answer again (24 h)."
            ),
        ),
    ] = None,
) -> str | None:
    return idempotency_key


IdempotencyKey = Annotated[str | None, Depends(_key)]


async def retry_of(request: Request, caller: UUID, key: str | None, *parts: str | bytes) -> Retry | None:
    """What identifies this request among its repetitions. `parts` stand for the body where it is not JSON (an upload: slot, name, SHA-256)."""
    if key is None:
        return None
    content = list(parts) if parts else [_canonical(await request.body())]
    return Retry(caller, key, _fingerprint([request.method, request.scope["path"], request.scope["query_string"], *content]))


def replay(stored: StoredAnswer) -> Response:
    response = respond(stored)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _canonical(body: bytes) -> bytes:
    """JSON without its spacing and order of names: a client may serialise anew before it repeats."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except ValueError:
        return body


def _fingerprint(parts: list[str | bytes]) -> str:
    """Each part is preceded by its length, so that no two lists of parts run together."""
    digest = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
