"""Several clicks at once on "sign through the gateway": it is asked once, whoever is first."""

import pytest

from tests.support.audit import found_anywhere
from tests.support.bsre_gateway import signing_gateway
from tests.support.office import Office
from tests.support.together import outcomes, together
from tests.web.test_electronic_signatures import SOUND
from tests.web.test_gateway_signatures import BY_THE_CAMAT, at_step_7, document, found_in_the_answer, install, sign, signings

INSTANCES, CLICKS = 6, 4


async def test_the_gateway_is_asked_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    found_in_the_answer(monkeypatch, SOUND)
    with signing_gateway(lambda _: BY_THE_CAMAT) as gateway:
        install(office, gateway, api="v2")
        for number in range(INSTANCES):
            run = await at_step_7(office)
            answers = await together(*(sign(run) for _ in range(CLICKS)))
            assert outcomes(answers)[201, ""] == 1
            assert outcomes(answers).keys() <= {(201, ""), (409, "signing_under_way"), (409, "version_superseded")}
            assert len(gateway.signed) == number + 1
            assert [tried["state"] for tried in await signings(run)] == ["signed"]
            assert [len(version["marks"]) for version in (await document(run))["versions"]] == [0, 1]
    assert await found_anywhere(office) == []
