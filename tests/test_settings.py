"""Settings: what is read, what is refused, and with which sentence."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Settings, SettingsRefused


def test_without_any_variable_everything_lies_in_the_data_directory() -> None:
    settings = Settings.load({})
    assert settings.data_dir == Path("var").absolute()
    assert settings.database_url == f"sqlite:///{settings.data_dir}/alur.db"
    assert settings.storage_url == f"file://{settings.data_dir}/documents"
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_demo_mode_serves_on_this_machine(host: str) -> None:
    Settings.load({"ALUR_DEMO": "1", "ALUR_HOST": host}).refuse_demo_beyond_this_machine()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "alur.example", "localhost.example"])
def test_demo_mode_is_refused_beyond_this_machine(host: str) -> None:
    with pytest.raises(SettingsRefused, match="ALUR_DEMO"):
        Settings.load({"ALUR_DEMO": "1", "ALUR_HOST": host}).refuse_demo_beyond_this_machine()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALUR_PORT", "eighty"),
        ("ALUR_PORT", "65536"),
        ("ALUR_PORT", "-1"),
        ("ALUR_PORT", "８０"),
        ("ALUR_DEMO", "maybe"),
        ("ALUR_MAX_UPLOAD_BYTES", "0"),
        ("ALUR_MAX_UPLOAD_BYTES", str(2**30)),  # more than goes in parts
        ("ALUR_MAX_RESUMABLE_BYTES", "1000"),
        ("ALUR_ACCESS_SECONDS", "601"),
        ("ALUR_SESSION_HOURS", "0"),
        ("ALUR_IDLE_MINUTES", "14"),
        ("ALUR_CLOCK_SECONDS", "0"),
        ("ALUR_CLOCK_SECONDS", "3601"),
        ("ALUR_CLOCK_INSIDE", "yes"),
        ("ALUR_TRUSTED_PROXIES", "proxy.example"),
        ("ALUR_TRUSTED_PROXIES", "*"),
        ("ALUR_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("ALUR_SECOND_FACTOR_ROLES", "Camat"),
        ("ALUR_SECOND_FACTOR_ROLES", "none,admin"),
        ("ALUR_SIGNING_KEY_FILE", "/nowhere/key.pem"),
        ("ALUR_RESTRICTED_KEY_FILE", "/nowhere/key.txt"),
        ("ALUR_BSRE_URL", "gerbang.example"),
        ("ALUR_BSRE_URL", "https://"),
        ("ALUR_BSRE_URL", "https://[gerbang"),
        ("ALUR_BSRE_URL", "http://gerbang.example"),
        ("ALUR_BSRE_URL", "http://10.0.0.5:8080"),
        ("ALUR_S3_ENDPOINT", "minio:9000"),
        ("ALUR_CLAMD_URL", "localhost:3310"),
        ("ALUR_CLAMD_URL", "tcp://clamd"),
        ("ALUR_CLAMD_URL", "tcp://clamd:0"),
        ("ALUR_CLAMD_URL", "tcp://clamd:port"),
        ("ALUR_CLAMD_URL", "tcp://clamd:99999"),
        ("ALUR_CLAMD_URL", "tcp://:3310"),
        ("ALUR_CLAMD_URL", "tcp://[::1:3310"),
        ("ALUR_CLAMD_URL", "tcp://clamd:3310/path"),
        ("ALUR_CLAMD_URL", "unix://"),
        ("ALUR_CLAMD_URL", "unix:///"),
        ("ALUR_CLAMD_URL", "unix://run/clamav/clamd.ctl"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsRefused, match=variable):
        Settings.load({variable: value})


@pytest.mark.parametrize("url", ["unix:///run/clamav/clamd.ctl", "tcp://clamd:3310", "tcp://10.0.0.5:3310/", "tcp://[::1]:3310"])
def test_where_clamd_listens_is_a_path_or_a_host_and_port(url: str) -> None:
    assert Settings.load({"ALUR_CLAMD_URL": url}).clamd_url == url


def test_a_key_comes_from_its_file_before_the_variable(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("from the file")
    assert Settings.load({"ALUR_SIGNING_KEY_FILE": str(tmp_path / "key.pem"), "ALUR_SIGNING_KEY": "other"}).signing_key == "from the file"


@pytest.mark.parametrize(
    ("given", "issuer"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"ALUR_HOST": "::1", "ALUR_PORT": "8123"}, "http://[::1]:8123"),
        ({"ALUR_HOST": "[::1]"}, "http://[::1]:8000"),
        ({"ALUR_HOST": "0.0.0.0", "ALUR_ISSUER": "https://alur.example"}, "https://alur.example"),
    ],
)
def test_tokens_name_the_public_address_or_else_the_one_that_is_served(given: dict[str, str], issuer: str) -> None:
    assert Settings.load(given).issuer == issuer


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, {"admin", "signing"}),
        ({"ALUR_SECOND_FACTOR_ROLES": " admin , camat,"}, {"admin", "camat"}),
        ({"ALUR_SECOND_FACTOR_ROLES": "none"}, set()),
        ({"ALUR_DEMO": "1", "ALUR_SECOND_FACTOR_ROLES": "admin"}, set()),
    ],
)
def test_who_needs_a_second_factor(given: dict[str, str], needed: set[str]) -> None:
    assert Settings.load(given).second_factor == needed


@pytest.mark.parametrize(
    ("value", "trusted"), [("", ()), ("10.0.0.5", ("10.0.0.5",)), ("10.0.0.5, 192.168.0.0/24,::1", ("10.0.0.5", "192.168.0.0/24", "::1"))]
)
def test_no_proxy_is_trusted_but_the_named_ones(value: str, trusted: tuple[str, ...]) -> None:
    assert Settings.load({"ALUR_TRUSTED_PROXIES": value}).trusted_proxies == trusted


POSTGRES = {"ALUR_DATABASE_URL": "postgresql://alur@/alur"}


@pytest.mark.parametrize(
    ("given", "inside"),
    [
        ({}, True),
        (POSTGRES, False),
        ({"ALUR_CLOCK_INSIDE": "0"}, False),
        (POSTGRES | {"ALUR_CLOCK_INSIDE": "1"}, True),
    ],
)
def test_a_server_that_is_alone_looks_after_the_clock_itself(given: dict[str, str], inside: bool) -> None:
    settings = Settings.load(given)
    assert settings.clock_inside is inside
    assert settings.clock_every == timedelta(seconds=15)


@pytest.mark.parametrize("url", ["https://gerbang.example", "http://127.0.0.1:8080/", "http://[::1]:8080", "http://localhost"])
def test_a_gateway_is_spoken_to_over_https_or_on_this_machine(url: str) -> None:
    gateway = Settings.load({"ALUR_BSRE_URL": url, "ALUR_BSRE_USERNAME": "alur", "ALUR_BSRE_PASSWORD": "rahasia"}).gateway
    assert gateway is not None
    assert gateway.url == url.rstrip("/")


def test_a_gateway_that_speaks_only_http_needs_the_offices_own_word() -> None:
    given = {"ALUR_BSRE_URL": "http://10.0.0.5:8080", "ALUR_BSRE_USERNAME": "alur", "ALUR_BSRE_PASSWORD": "rahasia"}
    with pytest.raises(SettingsRefused, match="ALUR_BSRE_CLEAR_TEXT=1"):
        Settings.load(given)
    gateway = Settings.load(given | {"ALUR_BSRE_CLEAR_TEXT": "1"}).gateway
    assert gateway is not None
    assert gateway.url == "http://10.0.0.5:8080"


def test_a_key_file_that_holds_bytes_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(200, 232)))
    with pytest.raises(SettingsRefused, match=r"ALUR_RESTRICTED_KEY_FILE names .*key, which holds no text"):
        Settings.load({"ALUR_RESTRICTED_KEY_FILE": str(tmp_path / "key")})
