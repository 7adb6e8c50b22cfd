"""Two writers at one offset of one upload: one wins, the other is told so, and the file is one of the two, never a mixture."""

from tests.support.office import Office, Run, digest
from tests.support.shared_office import files
from tests.support.together import outcomes, together
from tests.support.tus import Tus

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
