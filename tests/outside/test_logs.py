"""The log is read by machines, and holds no secret that only a local variable knew."""

import json
from collections.abc import Iterator

import pytest
import structlog

from app.outside.logs import configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("for_people", [True, False])
def test_a_traceback_names_the_error_but_no_local_variable(for_people: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(for_people=for_people)
    token = "eyJ-very-secret"
    try:
        raise RuntimeError("it broke")
    except RuntimeError:
        structlog.get_logger("test").exception("unhandled")
    written = capsys.readouterr().out
    assert "it broke" in written
    assert token not in written


def test_a_line_is_one_json_object_with_its_time_and_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("test").info("request", route="/v1/instances/{id}", status=200)
        structlog.get_logger("test").debug("too small to write down")
    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    assert written.pop("timestamp").endswith("Z")
    assert written == {"event": "request", "level": "info", "request_id": "r-1", "route": "/v1/instances/{id}", "status": 200}
