"""Which roles an administrator gives, and to whom: names in whichever letters, and no role that is made up."""

import pytest

from app.usecases.demo import DemoPerson
from tests.support.administering import ABOVE, give
from tests.support.office import Office
from tests.support.replies import made, refused

PUSAT = DemoPerson("pusat", "Admin Pusat", ("admin",), "ID")


@pytest.fixture
async def office(own_office: Office) -> Office:
    return own_office


async def test_a_role_that_no_procedure_names_is_given_by_the_nations_administrator_alone(office: Office) -> None:
    """It gives nothing, and would fill up somebody's account."""
    for person in (ABOVE, PUSAT):
        await office.enrol(person)
    for who in ("admin", ABOVE.username):
        answer = await give(office, "tim1", who=who, role="cammat", valid_from="2027-01-04")
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (422, "/role", "unknown_role")
        assert "GET /v1/roles" in error["message"]
    assert refused(await give(office, "tim2", who="camat", role="cammat", valid_from="2027-01-04")) == (403, ["permission_missing"])
    found = made(await give(office, "tim1", who="pusat", role="cammat", valid_from="2027-01-04"))
    assert [warning["code"] for warning in found["warnings"]] == ["unknown_role"]


async def test_a_username_is_found_in_whichever_letters(office: Office) -> None:
    assert made(await give(office, "Tim1", role="staf", valid_from="2027-01-04"))["account"]["username"] == "tim1"
