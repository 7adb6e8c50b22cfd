"""Two writers at one offset of one upload: one wins, the other is told so, and the file is one of the two, never a mixture.

And those who begin uploads at once: together they get no more than one after the other would.
"""

from app.domain.resumable_uploads import MAX_UNFINISHED
from tests.support.office import SAMBOJA, Office, Run, digest
from tests.support.shared_office import files, fresh
from tests.support.together import outcomes, together
from tests.support.tus import TUS, Tus

ROUNDS = 25
HEAD = b"%PDF-1.7 "


async def test_one_of_two_writers_wins_every_part(office: Office) -> None:
    run = await Run.start(office)
    client = await Tus.of(office, run)
    before = len(files(office))
    for number in range(ROUNDS):
        parts = [[HEAD + letter * 2991, letter * 2000] for letter in (b"a", b"b")]
        at, written = await client.begun(5000), b""
        for which, offset in enumerate((0, 3000)):
            answers = await together(*(client.send(at, part[which], offset) for part in parts))
            assert outcomes(answers) == {(204, ""): 1, (409, "offset_mismatch"): 1}
            written += parts[0 if answers[0].status_code == 204 else 1][which]
        shown = await client.shown(at)
        assert (shown["offset"], shown["version"]) == (5000, number + 1)
        assert digest(await client.content(shown["document_id"], shown["version"])) == digest(written)
    assert len(files(office)) == before + ROUNDS


async def test_two_who_each_send_it_whole_make_one_version(office: Office) -> None:
    run = await Run.start(office)
    client = await Tus.of(office, run)
    for number in range(ROUNDS):
        at = await client.begun(5000)
        answers = await together(*(client.send(at, HEAD + letter * 4991) for letter in (b"a", b"b")))
        assert outcomes(answers) == {(204, ""): 1, (409, "offset_mismatch"): 1}
        assert (await client.shown(at))["version"] == number + 1


async def test_nobody_begins_more_than_may_be_open_at_once(office: Office) -> None:
    client = await Tus.of(office, await Run.start(office))
    answers = await together(*(client.create(10) for _ in range(MAX_UNFINISHED + 10)))
    assert outcomes(answers) == {(201, ""): MAX_UNFINISHED, (409, "too_many_uploads"): 10}


async def test_two_people_together_are_promised_no_more_bytes_than_the_office_has(office: Office) -> None:
    admin = await office.as_("admin")
    said = {"max_file_bytes": None, "max_open_bytes": 3000}
    assert (await admin.put(f"/v1/offices/{SAMBOJA}/document-limits", json=said, headers={"If-Match": "*"})).status_code == 200
    camat, staf = await Tus.of(office, await fresh(office)), await Tus.of(office, await fresh(office, at_step=7), "staf")
    for _ in range(ROUNDS):
        calls = (camat.create(2000), staf.create(2000, slot="laporan_ditandatangani"))
        answers = await together(*calls)
        assert outcomes(answers) == {(201, ""): 1, (409, "too_many_open_bytes"): 1}
        for who, answer in zip((camat, staf), answers, strict=True):
            if answer.is_success:
                assert (await who.client.delete(answer.headers["Location"], headers=TUS)).status_code == 204
