"""What a token of another issuer means here."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.outside.issuers import IssuerTerms
from tests.support.foreign_issuer import SUBJECT, ForeignIssuer, foreign_issuer
from tests.support.tokens import NOW


@pytest.fixture(scope="module")
def issuer() -> Iterator[ForeignIssuer]:
    with foreign_issuer() as served:
        yield served


async def test_claims_become_positions_here(issuer: ForeignIssuer) -> None:
    roles = ["pengawas", "samboja-camat", "uma_authorization", 7, None]
    claims = await issuer.issuers().verify(issuer.token(realm_access={"roles": roles}), NOW)
    assert (claims.issuer, claims.subject, claims.username, claims.name) == (issuer.url, SUBJECT, "siti", "Siti Aminah")
    assert claims.grants == ("64.02.13:camat", "64.02.13:pegawai", "64.02:auditor")
    assert (claims.roles, claims.permissions) == ({"64.02.13:camat", "64.02.13:pegawai"}, {"64.02:auditor"})
    assert claims.offices == ("64.02",)


@pytest.mark.parametrize(
    "held", [..., None, {}, {"roles": None}, {"roles": {}}, {"roles": [["samboja-camat"]]}, {"roles": "lain"}, "samboja-camat", 7]
)
async def test_who_is_granted_nothing_is_somebody_all_the_same(issuer: ForeignIssuer, held: Any) -> None:
    claims = await issuer.issuers().verify(issuer.token(realm_access=held), NOW)
    assert (claims.subject, claims.grants) == (SUBJECT, ())


async def test_claims_may_stand_elsewhere_and_may_be_missing(issuer: ForeignIssuer) -> None:
    paths = {"grants": ["resource_access", "alur.app", "roles"], "username": "email", "name": ["https://sso.test/nama"]}
    told = {"resource_access": {"alur.app": {"roles": "samboja-camat"}}, "email": "siti@kukarkab.test", "https://sso.test/nama": ["Siti"]}
    claims = await issuer.issuers(claims=paths).verify(issuer.token(**told), NOW)
    assert (claims.grants, claims.username, claims.name) == (("64.02.13:camat", "64.02.13:pegawai"), "siti@kukarkab.test", "")


async def test_nobody_is_granted_more_than_an_account_can_hold(issuer: ForeignIssuer) -> None:
    grants = {"semua": [f"64.02.{number}:camat" for number in range(100)]}
    claims = await issuer.issuers(grants=grants).verify(issuer.token(realm_access={"roles": ["semua"]}), NOW)
    assert len(claims.grants) == 60


def test_the_terms_know_keycloaks_claims() -> None:
    terms = IssuerTerms.model_validate(
        {"issuer": "https://sso.test/realms/a/", "audience": "alur", "offices": ["64"], "grants": {"a": ["64:auditor"]}}
    )
    assert terms.discovery_address == "https://sso.test/realms/a/.well-known/openid-configuration"
    assert terms.claims.grants == ("realm_access", "roles")
    assert (terms.algorithms, terms.leeway_seconds, terms.require) == (("RS256", "ES256"), 30, {})
