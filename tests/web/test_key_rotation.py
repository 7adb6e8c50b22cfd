"""A rotation of keys under a running server, as clients see it."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp
import pytest

from app.main import session_terms
from app.outside.key_files import KeyFile, retired_path
from app.outside.key_rotation import rotate
from app.outside.tokens import Keys
from app.settings import Settings
from app.store.database import Database
from app.usecases.keys import reseal
from tests.support.key_files import key_file, kid_in
from tests.support.office import MONDAY, Office, open_office
from tests.support.session_client import PASSWORD, Clock, bearer, opened, signed_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return key_file(tmp_path)


@pytest.fixture
async def office(sqlite_office_url: str, tmp_path: Path, path: Path) -> AsyncIterator[Office]:
    async with open_office(sqlite_office_url, tmp_path, ALUR_SIGNING_KEY_FILE=str(path)) as office:
        yield office


def kid_of(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"])


async def status(office: Office, token: str) -> int:
    async with office.client(Authorization=f"Bearer {token}") as client:
        return (await client.get("/v1/me")).status_code


async def key_set(office: Office) -> list[str]:
    async with office.client() as client:
        return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_old_tokens_hold_until_their_end_and_new_ones_have_the_new_key(office: Office, path: Path) -> None:
    before = await office.token("camat")
    rotated = rotate(path, office.clock())
    assert await key_set(office) == [rotated.kid, rotated.previous_kid]
    after = await office.token("camat")
    assert (kid_of(before), kid_of(after)) == (rotated.previous_kid, rotated.kid)
    for moment, statuses in ((timedelta(0), (200, 200)), (timedelta(minutes=9, seconds=59), (200, 200)), (timedelta(minutes=11), (401, 401))):
        office.clock.now = MONDAY + moment
        assert (await status(office, before), await status(office, after)) == statuses
    assert await key_set(office) == [rotated.kid]


async def test_a_server_that_has_not_signed_since_takes_a_token_of_the_new_key(sqlite_office_url: str, tmp_path: Path, path: Path) -> None:
    """Two servers over one directory of keys."""
    keys = {"ALUR_SIGNING_KEY_FILE": str(path)}
    async with open_office(sqlite_office_url, tmp_path, **keys) as one, open_office(sqlite_office_url, tmp_path, **keys) as other:
        rotate(path, one.clock())
        assert await status(other, await one.token("camat")) == 200


def spoil(path: Path) -> None:
    path.write_text("-----BEGIN PRIVATE KEY-----\nhalf")


async def test_a_spoilt_key_file_keeps_nobody_out(office: Office, path: Path) -> None:
    before = kid_in(path)
    spoil(path)
    token = await office.token("camat")
    assert kid_of(token) == before
    assert await status(office, token) == 200
    assert await key_set(office) == [before]


# ── what hangs on the keys besides ──


@pytest.fixture
async def client(sqlite_database: Database, path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.load({"ALUR_SIGNING_KEY_FILE": str(path), "ALUR_ISSUER": "https://alur.example"})
    async with await opened(sqlite_database, session_terms(settings), clock) as client:
        yield client


async def enrolled(client: httpx.AsyncClient) -> pyotp.TOTP:
    tokens = await signed_in(client)
    begun = await client.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=bearer(tokens))
    return pyotp.TOTP(begun.json()["secret"])


async def signed_in_with(client: httpx.AsyncClient, code: str) -> int:
    return (await client.post("/v1/auth/sessions", json={"username": "camat", "password": PASSWORD, "code": code})).status_code


async def test_a_second_factor_outlives_the_key_that_sealed_it(
    client: httpx.AsyncClient, sqlite_database: Database, path: Path, clock: Clock
) -> None:
    tokens, totp = await signed_in(client), await enrolled(client)
    confirmation = {"code": totp.at(clock.now)}
    assert (await client.post("/v1/me/second-factor/confirmation", json=confirmation, headers=bearer(tokens))).status_code == 200
    rotate(path, clock.now)
    clock.now += timedelta(minutes=1)
    assert await signed_in_with(client, totp.at(clock.now)) == 201  # the old key still opens
    async with sqlite_database.write() as connection:
        await reseal(connection, clock.now, Keys(KeyFile(path)))
    retired_path(path, clock.now - timedelta(minutes=1)).unlink()
    clock.now += timedelta(minutes=1)
    assert await signed_in_with(client, totp.at(clock.now)) == 201


async def test_a_refresh_whose_answer_was_lost_during_a_rotation_gets_the_same_one_again(client: httpx.AsyncClient, path: Path, clock: Clock) -> None:
    presented = {"refresh_token": (await signed_in(client))["refresh_token"]}
    lost = (await client.post("/v1/auth/sessions/refresh", json=presented)).json()
    rotated = rotate(path, clock.now)
    clock.now += timedelta(seconds=5)
    again = (await client.post("/v1/auth/sessions/refresh", json=presented)).json()
    assert again["refresh_token"] == lost["refresh_token"]
    assert (kid_of(lost["access_token"]), kid_of(again["access_token"])) == (rotated.previous_kid, rotated.kid)
