"""The file that names other issuers: what it may say, and the sentence for each mistake."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.outside.issuers import Issuers, IssuersRefused
from app.outside.issuers.terms import read_issuers

OWN = "https://alur.test"
GOOD = """issuers:
  - issuer: https://sso.kukarkab.test/realms/pegawai
    audience: alur
    discovery: https://sso.kukarkab.test/metadata
    algorithms: [RS256]
    leeway_seconds: 60
    offices: ["64.02", "64.02"]
    claims: {username: email, name: [https://sso.test/nama], grants: resource_access.alur.roles}
    grants:
      samboja-camat: ["64.02.13:camat", "64.02.13:pegawai", "64.02.13:camat"]
      admin-kabupaten: ["64.02:admin", "64.02:auditor", "64.02:restricted_records"]
    require: {acr: ["2"]}
"""
SMALL = """issuers:
  - issuer: https://sso.test
    audience: alur
    offices: [ID]
    grants: {a: ["31:camat"]}
"""


def written(directory: Path, text: str) -> Path:
    file = directory / "issuers.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_everything_that_the_file_can_say(tmp_path: Path) -> None:
    (terms,) = read_issuers(written(tmp_path, GOOD), own=OWN)
    assert (terms.issuer, terms.audience) == ("https://sso.kukarkab.test/realms/pegawai", "alur")
    assert (terms.discovery_address, terms.algorithms, terms.leeway_seconds) == ("https://sso.kukarkab.test/metadata", ("RS256",), 60)
    assert terms.offices == ("64.02",)
    assert terms.grants["samboja-camat"] == ("64.02.13:camat", "64.02.13:pegawai")
    assert (terms.claims.username, terms.claims.name) == (("email",), ("https://sso.test/nama",))
    assert terms.claims.grants == ("resource_access", "alur", "roles")
    assert terms.require == {"acr": ("2",)}


def test_the_least_that_it_must_say(tmp_path: Path) -> None:
    (terms,) = read_issuers(written(tmp_path, SMALL), own=OWN)
    assert (terms.algorithms, terms.leeway_seconds, terms.discovery_address) == (
        ("RS256", "ES256"),
        30,
        "https://sso.test/.well-known/openid-configuration",
    )


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/realms/a", "http://localhost:9400", "http://[::1]:80", "https://sso.test:8443/a?b=c"])
def test_plain_http_is_for_this_machine_alone(tmp_path: Path, address: str) -> None:
    assert read_issuers(written(tmp_path, SMALL.replace("https://sso.test", address)), own=OWN)[0].issuer == address


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("https://sso.test", "http://sso.test", "line 2: issuers.0.issuer: the address begins with https://"),
        ("https://sso.test", "ftp://sso.test", "line 2: issuers.0.issuer"),
        ("https://sso.test", "http://127.0.0.1.sso.test", "line 2: issuers.0.issuer"),
        ("https://sso.test", "https://user:word@sso.test", "line 2: issuers.0.issuer: the address needs a host"),
        ("https://sso.test", "https://sso.test#a", "line 2: issuers.0.issuer"),
        ("https://sso.test", "https://sso.test:port", "line 2: issuers.0.issuer: the address is no address"),
        ("https://sso.test", "https://", "line 2: issuers.0.issuer"),
        ("https://sso.test", "https://sso.test/ä", "line 2: issuers.0.issuer: the address holds characters"),
        ("https://sso.test", "7", "line 2: issuers.0.issuer: Input should be a valid string"),
        ("https://sso.test", OWN, "names https://alur.test, which is this server itself"),
        ("    audience: alur\n", "", "line 2: issuers.0.audience: Field required"),
        ("audience: alur", "audience: [alur]", "line 3: issuers.0.audience"),
        ("audience: alur", "audience: ''", "line 3: issuers.0.audience"),
        ("audience: alur", "audience: alur\n    audience: lain", "line 4, column 5: this key is there already"),
        ("audience: alur", "audience: alur\n    audiences: lain", "line 4: issuers.0.audiences: Extra inputs are not permitted"),
        ("audience: alur", "audience: alur\n    leeway_seconds: 61", "line 4: issuers.0.leeway_seconds: Input should be less than or equal to 60"),
        ("audience: alur", "audience: alur\n    leeway_seconds: -1", "line 4: issuers.0.leeway_seconds"),
        ("audience: alur", "audience: alur\n    leeway_seconds: true", "line 4: issuers.0.leeway_seconds"),
        ("audience: alur", "audience: alur\n    leeway_seconds: '30'", "line 4: issuers.0.leeway_seconds"),
        ("audience: alur", "audience: alur\n    algorithms: [HS256]", "line 4: issuers.0.algorithms.0"),
        ("audience: alur", "audience: alur\n    algorithms: [none]", "line 4: issuers.0.algorithms.0"),
        ("audience: alur", "audience: alur\n    algorithms: []", "line 4: issuers.0.algorithms"),
        ("audience: alur", "audience: alur\n    discovery: http://sso.test/a", "line 4: issuers.0.discovery"),
        ("audience: alur", "audience: alur\n    claims: {groups: a}", "line 4: issuers.0.claims.groups"),
        ("audience: alur", "audience: alur\n    claims: {grants: a..b}", "line 4: issuers.0.claims.grants.1"),
        ("audience: alur", "audience: alur\n    require: {acr: 2}", "line 4: issuers.0.require.acr"),
        ("audience: alur", "audience: alur\n    require: {acr: []}", "line 4: issuers.0.require.acr"),
        ("audience: alur", "audience: alur\n    second_factor: yes", "line 4: issuers.0.second_factor"),
        ("audience: alur", "audience: alur\n    accept_id_tokens: 1", "line 4: issuers.0.accept_id_tokens"),
        ("offices: [ID]", "offices: []", "line 4: issuers.0.offices"),
        ("offices: [ID]", "offices: ['64:02']", 'line 4: issuers.0.offices.0: an office code looks like "64.02.13"'),
        ("offices: [ID]", "offices: [64.02]", "line 4: issuers.0.offices.0: Input should be a valid string"),
        ("grants: {a: ", "grants: {'': ", "line 5, column 14: a key must be text"),
        ("31:camat", "camat", "line 5: issuers.0.grants.a.0: a grant looks like"),
        ("31:camat", "31:Camat", "line 5: issuers.0.grants.a.0: a grant looks like"),
        ("31:camat", "31:integration", "integration is for service accounts, no issuer grants it"),
        ('["31:camat"]', "[]", "line 5: issuers.0.grants.a"),
        ('{a: ["31:camat"]}', "{}", "line 5: issuers.0.grants"),
        (SMALL, SMALL + SMALL.partition("\n")[2], "an issuer stands there twice"),
        (SMALL, "", "the file: Input should be a valid dictionary"),
        (SMALL, "issuers: []", "line 1: issuers"),
        (SMALL, "issuers: [", "not valid YAML"),
        (SMALL, SMALL + "more: 1", "line 6: more: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    assert was in SMALL
    file = written(tmp_path, SMALL.replace(was, becomes))
    with pytest.raises(IssuersRefused) as refused:
        read_issuers(file, own=OWN)
    assert says.lower() in str(refused.value).lower()
    assert f"{file}" in str(refused.value)


def test_all_mistakes_come_at_once_and_repeat_nothing_that_stands_there(tmp_path: Path) -> None:
    text = SMALL.replace("alur", "7").replace("[ID]", "['rahasia sekali']").replace("camat", "Rahasia")
    with pytest.raises(IssuersRefused) as refused:
        read_issuers(written(tmp_path, text), own=OWN)
    assert len(str(refused.value).splitlines()) == 3
    assert "rahasia" not in str(refused.value).lower()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IssuersRefused, match=r"ALUR_ISSUERS_FILE names .*missing.yaml, which cannot be read"):
        Issuers.from_file(tmp_path / "missing.yaml", own=OWN)


@pytest.mark.parametrize(
    ("grant", "require", "warnings"),
    [
        ("admin", "", 1),
        ("admin", "require: {acr: ['2']}", 0),
        ("admin", "require: {department: [hr]}", 1),
        ("admin", "second_factor: trusted", 0),
        ("camat", "", 0),
    ],
)
def test_who_grants_admin_without_asking_for_a_second_factor_is_warned(tmp_path: Path, grant: str, require: str, warnings: int) -> None:
    with capture_logs() as logged:
        Issuers.from_file(written(tmp_path, SMALL.replace("camat", grant) + f"    {require}\n"), own=OWN)
    assert len(logged) == warnings
