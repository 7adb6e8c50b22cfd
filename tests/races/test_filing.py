"""Two who file one document at once, and two documents that want one number."""

from tests.support.office import Office
from tests.support.prepared import prepared
from tests.support.together import document_in, outcomes, together

ROUNDS = 15


async def test_two_puts_on_one_if_match(office: Office) -> None:
    (run,) = await prepared(office, 1, step=7)
    camat, staf = await office.as_("camat"), await office.as_("staf")
    path = f"/v1/documents/{await document_in(run, 'laporan_final')}/record"
    for number in range(ROUNDS):
        seen = {"If-Match": (await camat.get(path)).headers["etag"]}
        answers = await together(*(client.put(path, json={"number": f"{number}/{n}"}, headers=seen) for n, client in enumerate((camat, staf))))
        assert outcomes(answers) == {(200, ""): 1, (412, "precondition_failed"): 1}


async def test_two_documents_want_one_number(office: Office) -> None:
    runs = await prepared(office, 2, step=7, first=10)
    camat = await office.as_("camat")
    paths = [f"/v1/documents/{await document_in(run, 'laporan_final')}/record" for run in runs]
    for number in range(ROUNDS):
        answers = await together(*(camat.put(path, json={"number": f"satu/{number}"}, headers={"If-Match": "*"}) for path in paths))
        assert outcomes(answers) == {(200, ""): 1, (409, "number_taken"): 1}
