"""Machines for tests: a service account made as the command line makes one, its secret, and a client with its token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from app.domain.permissions import SCOPES
from app.domain.service_accounts import NewServiceAccount
from app.usecases.service_accounts import create_service_account, issue_secret
from tests.support.office import SAMBOJA, Office

ALL_SCOPES = tuple(SCOPES)


@dataclass(frozen=True)
class Machine:
    id: UUID
    client_id: str
    secret: str

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.secret}


async def machine(office: Office, *, offices: Sequence[str] = (SAMBOJA,), scopes: Sequence[str] = ALL_SCOPES, days: float = 300) -> Machine:
    now = office.clock()
    async with office.database.write() as connection:
        made = await create_service_account(connection, now, NewServiceAccount("Dasbor", tuple(offices), tuple(scopes), now + timedelta(days=days)))
        issued = await issue_secret(connection, now, made)
    return Machine(made.id, issued.client_id, issued.secret)


async def let_in(office: Office, known: Machine, **headers: str) -> httpx.AsyncClient:
    """A client with the machine's token of now."""
    async with office.client() as stranger:
        answer = await stranger.post("/v1/auth/service-tokens", json=known.credentials)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return office.client(Authorization=f"Bearer {token['access_token']}", **headers)
