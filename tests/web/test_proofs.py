"""What the log says of attempts to prove who one is: each of them, with its outcome, and no secret."""

import httpx
from structlog.testing import capture_logs

from tests.support.authenticators import enrolled
from tests.support.session_client import PASSWORD, Clock, bearer, refreshed, signed_in, try_to_sign_in


async def test_each_attempt_is_a_line_with_its_outcome(client: httpx.AsyncClient, clock: Clock) -> None:
    with capture_logs() as lines:
        tokens = await signed_in(client)
        await try_to_sign_in(client, password="salah-sekali")
        await try_to_sign_in(client, username="kata-sandi-saya", password="salah-sekali")
        authenticator, codes = await enrolled(client, tokens, clock)
        await try_to_sign_in(client)
        await try_to_sign_in(client, code=authenticator.wrong())
        await try_to_sign_in(client, code=codes[0])
        await client.post("/v1/me/password", json={"current_password": "salah-sekali", "new_password": "kapal biru di teluk"}, headers=bearer(tokens))
        await refreshed(client, tokens | {"refresh_token": tokens["refresh_token"][:37] + "A" * 43})
    proofs = [line for line in lines if "outcome" in line]
    assert [(line["event"], line["outcome"]) for line in proofs] == [
        ("sign_in", "ok"),
        ("sign_in", "bad_credentials"),
        ("sign_in", "bad_credentials"),
        ("second_factor_enrolment", "ok"),
        ("second_factor_confirmation", "ok"),
        ("sign_in", "second_factor_required"),
        ("sign_in", "second_factor_invalid"),
        ("sign_in", "ok"),
        ("password_change", "wrong_password"),
        ("refresh", "session_ended"),
    ]
    assert {line["address"] for line in proofs} == {"127.0.0.1"}
    assert [line["account"] is None for line in proofs[:-1]] == [False, False, True] + [False] * 6
    assert proofs[-1]["session"] == tokens["refresh_token"].partition(".")[0]
    secrets = (PASSWORD, "salah-sekali", "kata-sandi-saya", authenticator.secret, codes[0], tokens["refresh_token"], "kapal biru")
    assert not any(secret in str(lines) for secret in secrets)
