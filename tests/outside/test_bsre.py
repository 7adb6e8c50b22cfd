"""The signing gateway as its adapter meets it: what it signed, what it refused, and when nobody can know."""

import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.outside import bsre
from app.outside.bsre import Gateway, GatewayFailed, OutcomeUnknown, Signer
from tests.support.blobs import run
from tests.support.bsre_gateway import EXPIRED_NIK, NIK, PASSPHRASE, PASSWORD, USERNAME, WRONG_NIK, SigningGateway, signing_gateway

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
ME = Signer(NIK, PASSPHRASE)


@pytest.fixture
def stub() -> Iterator[SigningGateway]:
    with signing_gateway(lambda pdf: pdf + b"\n% signed") as found:
        yield found


@pytest.fixture(params=["v1", "v2"])
def gateway(request: pytest.FixtureRequest, stub: SigningGateway) -> Gateway:
    return Gateway(url=stub.url, api=request.param, username=USERNAME, password=PASSWORD)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "laporan.pdf"
    path.write_bytes(PDF)
    return path


def test_the_pdf_comes_back_signed(gateway: Gateway, stub: SigningGateway, document: Path) -> None:
    answered = run(gateway.sign, document, ME)
    assert answered.content == PDF + b"\n% signed"
    assert answered.document == ("dok-1" if gateway.api == "v1" else None)
    (form,) = stub.forms
    assert (form["file"], form["nik"], form["passphrase"], form["tampilan"].lower()) == (PDF, NIK.encode(), PASSPHRASE.encode(), b"invisible")


@pytest.mark.parametrize(
    ("signer", "code"),
    [
        (Signer(NIK, "salah"), "passphrase_wrong"),
        (Signer(WRONG_NIK, PASSPHRASE), "signer_unknown"),
        (Signer(EXPIRED_NIK, PASSPHRASE), "certificate_not_active"),
    ],
)
def test_a_refusal_is_told_by_its_reason(gateway: Gateway, document: Path, signer: Signer, code: str) -> None:
    with pytest.raises(GatewayFailed) as refused:
        run(gateway.sign, document, signer)
    assert refused.value.code == code


@pytest.mark.parametrize("status_code", [float("inf"), None, [], "2031x", {}])
def test_a_refusal_whose_reason_makes_no_sense_is_one_all_the_same(
    gateway: Gateway, stub: SigningGateway, document: Path, monkeypatch: pytest.MonkeyPatch, status_code: object
) -> None:
    monkeypatch.setattr(stub, "fault_of", lambda _: (400, {"status_code": status_code}))
    with pytest.raises(GatewayFailed, match="gateway_refused"):
        run(gateway.sign, document, ME)


def test_a_wrong_password_of_ours_is_a_refusal(gateway: Gateway, stub: SigningGateway, document: Path) -> None:
    with pytest.raises(GatewayFailed, match="gateway_refused"):
        run(replace(gateway, password="lain").sign, document, ME)
    assert stub.signed == []


def test_a_gateway_that_is_not_there_has_not_signed(gateway: Gateway, document: Path) -> None:
    with pytest.raises(GatewayFailed, match="gateway_unreachable"):
        run(replace(gateway, url="http://127.0.0.1:9").sign, document, ME)


@pytest.mark.parametrize("behaviour", ["vanishes", "fails", "garbles", "large"])
def test_what_cannot_be_read_may_have_been_signed(gateway: Gateway, stub: SigningGateway, document: Path, behaviour: str) -> None:
    stub.behaviour = behaviour
    with pytest.raises(OutcomeUnknown):
        run(gateway.sign, document, ME)


def test_an_answer_cut_short_is_fetched_by_its_id_where_there_is_one(gateway: Gateway, stub: SigningGateway, document: Path) -> None:
    stub.behaviour = "cuts"
    if gateway.api == "v1":
        assert run(gateway.sign, document, ME).content == PDF + b"\n% signed"
    else:
        with pytest.raises(OutcomeUnknown):
            run(gateway.sign, document, ME)
    assert len(stub.signed) == 1


def test_a_gateway_that_takes_too_long_may_have_signed(
    gateway: Gateway, stub: SigningGateway, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bsre, "ANSWER_SECONDS", 0.05)
    stub.go_on.clear()
    with pytest.raises(OutcomeUnknown):
        run(gateway.sign, document, ME)
    assert stub.entered.is_set()


def test_an_answer_that_drips_in_is_not_waited_for_without_end(gateway: Gateway, document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time, and the whole never: as if the time were over with the first of them."""
    monkeypatch.setattr(bsre, "WHOLE_ANSWER_SECONDS", 0)
    with pytest.raises(OutcomeUnknown):
        run(gateway.sign, document, ME)


@pytest.mark.parametrize(
    "case", [(behaviour, word) for behaviour in ("signs", "vanishes", "fails", "garbles") for word in (PASSPHRASE, "salah-55e1")]
)
def test_neither_passphrase_nor_nik_is_in_any_error_or_log(
    gateway: Gateway, stub: SigningGateway, document: Path, case: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.behaviour, passphrase = case
    signer = Signer(NIK, passphrase)
    with capture_logs() as logged:
        said = repr(signer) + repr(gateway) + _said_of(gateway, document, signer)
    said += caplog.text + repr(logged)
    for secret in (passphrase, NIK, PASSWORD):
        assert secret not in said


def _said_of(gateway: Gateway, document: Path, signer: Signer) -> str:
    try:
        return repr(run(gateway.sign, document, signer))
    except (GatewayFailed, OutcomeUnknown):
        return traceback.format_exc()
