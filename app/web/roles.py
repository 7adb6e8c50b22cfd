"""Over HTTP: what an assignment can give."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.store.procedures import roles_in_force
from app.web.acting import Asks
from app.web.actor import Terms
from app.web.answers import answer
from app.web.openapi import requires
from app.web.schemas.roles import RolesInForce

router = APIRouter(tags=["people"])


@router.get(
    "/v1/roles",
    response_model=RolesInForce,
    openapi_extra=requires("signed_in", scope="people:read"),
    summary="Peran dan izin · Roles and permissions",
)
async def get_roles(asks: Asks, terms: Terms) -> Response:
    """Peran dalam prosedur yang terbit, `pegawai`, dan izin, beserta artinya.

    An `admin` of `ID` may assign another role too (an office may know it before its procedure is published), with the warning `unknown_role`.
    """
    roles = await roles_in_force(asks.connection)
    return answer(RolesInForce.of(roles, second_factor=terms.second_factor, language=asks.language))
