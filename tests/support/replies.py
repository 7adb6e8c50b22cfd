"""Reading answers in tests: what was made, what was refused and why."""

from typing import Any

import httpx


def made(answer: httpx.Response, status: int = 201) -> Any:
    """The body of an answer that succeeded."""
    assert answer.status_code == status, answer.text
    return answer.json()


def codes(answer: httpx.Response) -> list[str]:
    """The codes of all refusals, in their order; of a problem without any, its own code."""
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert body["status"] == answer.status_code
    return [refusal["code"] for refusal in body["refusals"]] or [body["code"]]


def refused(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, codes(answer)
