"""Lists of instances over HTTP: filters, words in titles, pages of one, and one open instance per period."""

from typing import Any

import pytest

from tests.support.calendars import at
from tests.support.office import KEY, MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.replies import made, refused

QUARTERS = (1, 2, 3, 4)


async def started(office: Office, title: str = "Data", username: str = "camat", at_office: str = SAMBOJA, **period: int) -> Run:
    body = {"procedure": KEY, "office": at_office, "period": period or {"year": 2026}, "title": title}
    return Run(office, made(await (await office.as_(username)).post("/v1/instances", json=body)))


async def listed(at_office: Office, username: str = "camat", **query: Any) -> list[str]:
    answer = await (await at_office.as_(username)).get("/v1/instances", params=query)
    return [item["id"] for item in made(answer, 200)["items"]]


async def test_the_newest_comes_first_page_by_page_while_others_start(each_office: Office) -> None:
    runs = [await started(each_office, year=2026, quarter=quarter) for quarter in QUARTERS]
    assert await listed(each_office) == [run.id for run in reversed(runs)]
    client, path, found = await each_office.as_("auditor"), "/v1/instances?limit=1", list[str]()
    while path:
        answer = await client.get(path)
        page = made(answer, 200)
        assert page["page"]["limit"] == 1
        found += [item["id"] for item in page["items"]]
        if len(found) == 2:
            await started(each_office, year=2027)
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert found == [run.id for run in reversed(runs)]


async def test_filters_narrow_and_combine(each_office: Office) -> None:
    runs = [await started(each_office, year=2026, quarter=quarter) for quarter in QUARTERS]
    annual, elsewhere = await started(each_office, year=2026), await started(each_office, username="camat.muarajawa", at_office=MUARA_JAWA)
    made(await runs[0].act("camat", "suspend", reason="Banjir."))
    made(await runs[1].act("camat", "cancel", reason="Salah."))
    cases: list[tuple[dict[str, Any], list[Run]]] = [
        ({}, [annual, *reversed(runs)]),
        ({"office": SAMBOJA}, [annual, *reversed(runs)]),
        ({"procedure": KEY}, [annual, *reversed(runs)]),
        ({"procedure": "sop-lain"}, []),
        ({"state": "running"}, [annual, runs[3], runs[2]]),
        ({"state": "suspended"}, [runs[0]]),
        ({"state": "cancelled"}, [runs[1]]),
        ({"state": "completed"}, []),
        ({"period": "2026"}, [annual]),
        ({"period": "2026-Q4"}, [runs[3]]),
        ({"period": "2025-Q4"}, []),
        ({"period": "2026-Q1", "state": "running"}, []),
        ({"period": "2026-Q1", "state": "suspended", "office": SAMBOJA, "procedure": KEY, "q": "data"}, [runs[0]]),
    ]
    for query, wanted in cases:
        assert await listed(each_office, **query) == [run.id for run in wanted], query
    assert await listed(each_office, "camat.muarajawa") == [elsewhere.id]
    client = await each_office.as_("camat")
    assert refused(await client.get("/v1/instances", params={"office": MUARA_JAWA})) == (404, ["not_found"])
    assert refused(await client.get("/v1/instances", params={"office": "99.99"})) == (404, ["not_found"])


@pytest.mark.parametrize(
    "query",
    [{"state": "open"}, {"period": "2026-Q5"}, {"period": "1999"}, {"q": "x" * 201}, {"limit": 0}, {"limit": 201}, {"cursor": "bukan-kursor"}],
)
async def test_a_filter_that_means_nothing_is_said_to(own_office: Office, query: dict[str, Any]) -> None:
    answer = await (await own_office.as_("camat")).get("/v1/instances", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"?{next(iter(query))}"


async def test_words_are_sought_as_they_are_written(each_office: Office) -> None:
    titles = ["Capaian 100% triwulan", "Capaian 1000 triwulan", "berkas_final", "berkas final", r"jalur\utara", "DATA Kinerja"]
    runs = {title: await started(each_office, title, year=2020 + number) for number, title in enumerate(titles)}
    cases: dict[str, list[str]] = {
        "100%": titles[:1],
        "%": titles[:1],
        "_": ["berkas_final"],
        "s_f": ["berkas_final"],
        "\\": [r"jalur\utara"],
        "triwulan": ["Capaian 1000 triwulan", "Capaian 100% triwulan"],
        "data kinerja": ["DATA Kinerja"],
        "KINERJA": ["DATA Kinerja"],
        "'; DROP TABLE instance; --": [],
        "": list(reversed(titles)),
    }
    for words, wanted in cases.items():
        assert await listed(each_office, q=words) == [runs[title].id for title in wanted], words


async def test_a_line_of_the_list_tells_how_the_instance_stands(own_office: Office) -> None:
    run = await (await started(own_office, "Triwulan IV", year=2026, quarter=4)).until(3)
    await own_office.at(at("2027-01-13 09:00"))
    (line,) = made(await (await own_office.as_("tim3")).get("/v1/instances"), 200)["items"]
    shown = await run.get()
    assert line["deadline_state"] == "overdue"
    assert line["due_at"] == shown["steps"][2]["due_at"]
    assert {name: value for name, value in line.items() if name in shown} == {name: shown[name] for name in line if name in shown}


# ── one open instance per procedure, office and period ──────────────────────────────────────────────────────────────


async def test_a_period_is_open_once_at_each_office(each_office: Office) -> None:
    run = await started(each_office, year=2026, quarter=4)
    client = await each_office.as_("camat")
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026, "quarter": 4}}
    assert refused(await client.post("/v1/instances", json=body)) == (409, ["instance_already_open"])
    made(await run.act("camat", "suspend", reason="Banjir."))
    assert refused(await client.post("/v1/instances", json=body)) == (409, ["instance_already_open"])
    assert refused(await (await each_office.as_("staf")).post("/v1/instances", json=body)) == (403, ["may_not_start", "instance_already_open"])
    await started(each_office, year=2026)  # the whole year is another period
    await started(each_office, username="camat.muarajawa", at_office=MUARA_JAWA, year=2026, quarter=4)
    made(await run.act("camat", "cancel", reason="Salah."))
    again = await started(each_office, year=2026, quarter=4)
    await again.until(8)
    made(await client.post("/v1/instances", json=body))


@pytest.mark.parametrize(
    ("period", "pointer"),
    [
        ({"year": 1999}, "/period/year"),
        ({"year": 2101}, "/period/year"),
        ({"year": 2026, "quarter": 5}, "/period/quarter"),
        ({"quarter": 1}, "/period/year"),
    ],
)
async def test_a_period_lies_between_2000_and_2100(own_office: Office, period: dict[str, int], pointer: str) -> None:
    body = {"procedure": KEY, "office": SAMBOJA, "period": period}
    answer = await (await own_office.as_("camat")).post("/v1/instances", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_title_is_made_up_where_none_is_given(own_office: Office) -> None:
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026, "quarter": 4}}
    answer = made(await (await own_office.as_("camat")).post("/v1/instances", json=body))
    assert (answer["title"], answer["period"]) == ("Pengumpulan Data Kinerja 2026-Q4", {"year": 2026, "quarter": 4})
    unknown = await (await own_office.as_("camat")).post("/v1/instances", json=body | {"procedure": "sop-lain"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_procedure")
