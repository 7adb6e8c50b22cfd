"""People of another issuer at the door of an office: the office's settings, and requests with tokens that the issuer signs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx import Response

from tests.support.foreign_issuer import AUDIENCE, ForeignIssuer, foreign_issuer
from tests.support.office import SAMBOJA, Office

GRANTS = {
    "samboja-camat": ["64.02.13:camat", "64.02.13:pegawai"],
    "samboja-staf": ["64.02.13:staf"],
    "samboja-dua": ["64.02.13:staf", "64.02.13:pegawai"],
    "pengawas": ["64.02:auditor"],
    "terlalu-jauh": ["31:camat", "ID:admin", "64.03:camat"],
}


class Door:
    """Requests of people whose tokens `issuer` signs."""

    def __init__(self, office: Office, issuer: ForeignIssuer) -> None:
        self.office = office
        self.issuer = issuer

    async def ask(self, method: str, path: str, token: str, **more: Any) -> Response:
        async with self.office.client(Authorization=f"Bearer {token}") as client:
            return await client.request(method, path, **more)

    async def me(self, *roles: str, later: int = 0, **claims: Any) -> Response:
        """`later`: seconds after the clock's now at which the token is issued; the clock stays."""
        return await self.ask("GET", "/v1/me", self.token(*roles, later=later, **claims))

    def token(self, *roles: str, later: int = 0, **claims: Any) -> str:
        issued_at = int(self.office.clock().timestamp()) + later
        told: dict[str, Any] = {"iat": issued_at, "exp": issued_at + 300, "realm_access": {"roles": list(roles)}}
        return self.issuer.token(**told | claims)

    async def holds(self, *roles: str, later: int = 0, **claims: Any) -> list[str]:
        """What such a token's bearer holds now."""
        answer = await self.me(*roles, later=later, **claims)
        assert answer.status_code == 200, answer.text
        return held(answer.json())


def held(me: dict[str, Any]) -> list[str]:
    positions = [f"{row['office']['code']}:{row['role']}" for row in me["positions"]]
    return positions + [f"{row['office']['code']}:{row['permission']}" for row in me["permissions"]]


async def vacate(office: Office) -> None:
    """Samboja has a Camat of its own, and an office has one: the post is vacant from now on."""
    admin = await office.as_("admin")
    held = (await admin.get("/v1/assignments", params={"office": SAMBOJA, "role": "camat"})).json()["items"]
    for assignment in held:
        answer = await admin.post(f"/v1/assignments/{assignment['id']}/revoke", json={})
        assert answer.is_success, answer.text


def configured(directory: Path, *issuers: ForeignIssuer, **more: Any) -> Path:
    """A file for ALUR_ISSUERS_FILE. JSON is YAML too. That a second factor was used is believed, where `more` does not say otherwise."""
    common = {"audience": AUDIENCE, "offices": ["64.02"], "grants": GRANTS, "second_factor": "trusted"}
    listed = [{"issuer": issuer.url} | common | more for issuer in issuers]
    file = directory / "issuers.yaml"
    file.write_text(json.dumps({"issuers": listed}), encoding="utf-8")
    return file


@contextmanager
def two_issuers() -> Iterator[tuple[ForeignIssuer, ForeignIssuer]]:
    with foreign_issuer() as first, foreign_issuer() as second:
        yield first, second
