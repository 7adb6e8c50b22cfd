"""`alur storage check` and restricted records: damage is noted in the office's log, and its end where a record opens again."""

from typing import Any

import pytest
from sqlalchemy import select, update

from app.store.stored_content import RESTRICTED
from app.usecases.audit import verify
from tests.support.office import Office
from tests.support.restricted_records import told
from tests.test_cli_storage import Storage, alur, flip, on_both, storage

__all__ = ["on_both", "storage"]


def records_told(storage: Storage) -> list[str]:
    """What the log says of damage, while it is intact."""

    async def work(office: Office) -> list[str]:
        assert (await verify(office.database, None)).intact
        return [kind for kind, _ in await told(office) if kind in {"damaged", "restored"}]

    return storage.at(work)


def test_damage_of_a_record_is_noted_once_and_its_end_where_it_opens_again(on_both: Storage) -> None:
    storage = on_both
    path = storage.path("record")
    content = path.read_bytes()
    flip(path)
    assert "content; noted" in alur("check").output
    assert "noted" not in alur("check").output
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as without:
        without.delenv("ALUR_RESTRICTED_KEY")
        assert alur("check").output == "checked 3, different 0\n"  # whether it opens is not to be seen
    assert records_told(storage) == ["damaged"]
    assert "whole; whole again, noted" in alur("check").output
    assert alur("check").output == "checked 3, different 0\n"
    assert records_told(storage) == ["damaged", "restored"]


@pytest.mark.parametrize("spoilt", ["sealed", "wrapped_key"])
def test_a_record_that_does_not_open_is_named_though_its_bytes_are_right(storage: Storage, spoilt: str) -> None:
    async def row(office: Office) -> dict[str, Any]:
        async with office.database.read() as connection:
            return dict((await connection.execute(select(RESTRICTED))).mappings().one())

    right = storage.at(row)
    storage.write(update(RESTRICTED).values({spoilt: "A" * 80}))
    done = alur("check")
    assert (done.exit_code, "row; noted" in done.output) == (1, True)
    assert "row; noted" not in alur("check").output
    storage.write(update(RESTRICTED).values({spoilt: right[spoilt]}))
    assert "whole; whole again, noted" in alur("check").output
    assert records_told(storage) == ["damaged", "restored"]
