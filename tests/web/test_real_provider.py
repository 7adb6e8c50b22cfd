"""From sign-in at a real OpenID provider to a step of the SOP: nothing of the provider's side was written here."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.support.external_people import configured, held, vacate
from tests.support.foreign_issuer import ForeignIssuer
from tests.support.office import SAMBOJA, Office, open_office
from tests.support.openid_provider import CLIENT, Provider, issued_at, provider

SITI = "pegawai-0042"
CLAIMS = {"preferred_username": "siti.aminah", "name": "Siti Aminah", "acr": "2", "realm_access": {"roles": ["samboja-camat", "offline_access"]}}


@pytest.fixture
def sso(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path) as started:
        started.says_of(SITI, **CLAIMS)
        yield started


@pytest.fixture
async def office(sso: Provider, sqlite_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Its clock stands at the moment at which the provider issues tokens."""
    file = configured(tmp_path, ForeignIssuer(sso.url), audience=CLIENT[0], require={"acr": ["2"]}, accept_id_tokens=True)
    now = datetime.fromtimestamp(issued_at(sso.token_of(SITI)), UTC)
    async with open_office(sqlite_office_url, tmp_path, now=now, ALUR_ISSUERS_FILE=str(file)) as opened:
        await vacate(opened)
        yield opened


def with_token(office: Office, token: str) -> AsyncClient:
    """At the moment of the token, if that is later: seconds pass at the provider, and none here."""
    office.clock.now = max(office.clock.now, datetime.fromtimestamp(issued_at(token), UTC))
    return office.client(Authorization=f"Bearer {token}")


async def test_who_signed_in_there_holds_their_position_here_acts_and_loses_it_when_it_is_revoked_here(office: Office, sso: Provider) -> None:
    async with with_token(office, sso.token_of(SITI)) as siti:
        me = (await siti.get("/v1/me")).json()
        assert (me["username"], me["name"], held(me)) == ("siti.aminah", "Siti Aminah", ["64.02.13:camat", "64.02.13:pegawai"])

        body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2027, "quarter": 1}, "title": "Triwulan I"}
        started = await siti.post("/v1/instances", json=body)
        assert started.status_code == 201, started.text
        instance = f"/v1/instances/{started.json()['id']}"
        for slot in ("struktur_organisasi", "draf_tim"):
            files = {"slot": (None, slot), "file": (f"{slot}.pdf", b"%PDF-1.7 isi", "application/pdf")}
            assert (await siti.post(f"{instance}/documents", files=files)).status_code == 201
        done = await siti.post(f"{instance}/transitions", json={"action": "complete", "step": 1})
        assert (done.status_code, done.json()["instance"]["current_step"]) == (201, 2)
        (event,) = [row for row in (await siti.get(f"{instance}/events")).json()["items"] if row["type"] == "step.completed"]
        assert (event["actor"]["name"], event["actor"]["role"], event["actor"]["office"]) == ("Siti Aminah", "camat", SAMBOJA)

        admin = await office.as_("admin")
        listed = (await admin.get("/v1/assignments", params={"office": SAMBOJA, "role": "camat"})).json()["items"]
        (assignment,) = [row for row in listed if row["source"] == "issuer"]
        assert (await admin.post(f"/v1/assignments/{assignment['id']}/revoke", json={})).is_success
        assert held((await siti.get("/v1/me")).json()) == ["64.02.13:pegawai"]
        again = await siti.post("/v1/instances", json=body | {"period": {"year": 2027, "quarter": 2}})
        assert again.status_code == 403
    async with with_token(office, sso.token_of(SITI)) as siti:
        assert held((await siti.get("/v1/me")).json()) == ["64.02.13:pegawai"]


async def test_what_changes_there_changes_here_with_the_next_token(office: Office, sso: Provider) -> None:
    before = sso.token_of(SITI)
    async with with_token(office, before) as siti:
        assert held((await siti.get("/v1/me")).json()) == ["64.02.13:camat", "64.02.13:pegawai"]
    sso.says_of(SITI, **CLAIMS | {"realm_access": {"roles": ["samboja-staf"]}})
    after = sso.token_of(SITI)
    while issued_at(after) == issued_at(before):  # its tokens count whole seconds
        after = sso.token_of(SITI)
    async with with_token(office, after) as siti:
        assert held((await siti.get("/v1/me")).json()) == ["64.02.13:staf"]
    sso.says_of(SITI, **CLAIMS | {"acr": "1"})
    async with with_token(office, sso.token_of(SITI)) as siti:
        assert (await siti.get("/v1/me")).status_code == 401


async def test_when_the_provider_has_another_key_it_is_found_and_the_old_ones_tokens_are_over(office: Office, sso: Provider) -> None:
    """Its tokens name no key, so it is found when the keys are renewed, after an hour; a named one is found within a minute (test_issuer_keys)."""
    old = sso.token_of(SITI)
    async with with_token(office, old) as siti:
        assert (await siti.get("/v1/me")).status_code == 200
        sso.restart()
        sso.says_of(SITI, **CLAIMS)
        office.clock.now += timedelta(hours=1)
        async with office.client(Authorization=f"Bearer {sso.token_of(SITI)}") as again:
            assert (await again.get("/v1/me")).status_code == 200
        assert (await siti.get("/v1/me")).status_code == 401
