"""Bundles of whatever can be done with an instance: none of it is taken for a forgery."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.office import Office
from tests.support.shared_office import fresh
from tests.web.test_electronic_signatures import SIGNED, SOUND, at_step_7, found_instead, sign
from tests.web.test_evidence import bundle_of, unpacked, verified
from tests.web.test_evidence_forged import listed_anew, replaced

ACTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("camat", "claim", {"step": 5, "comment": "Saya periksa."}),
    ("camat", "release", {"step": 5}),
    ("camat", "suspend", {"reason": "Banjir."}),
    ("camat", "resume", {"comment": "Surut."}),
    ("camat", "return", {"step": 5, "to_step": 4, "reason": "Angka bulan Maret belum ada."}),
    ("sekretaris", "claim", {"step": 4}),
    ("sekretaris", "change_team", {"reason": "Pindah tugas.", "team": {"members": [{"username": "tim1"}, {"username": "tim3"}]}}),
    ("sekretaris", "complete", {"step": 4}),
    ("camat", "cancel", {"reason": "Diganti."}),
)


async def test_every_kind_of_transition_is_as_the_log_tells(office: Office, tmp_path: Path) -> None:
    run = await fresh(office, at_step=5)
    for who, action, more in ACTS:
        if action == "complete":
            copy = {"slot": (None, "konsep_laporan"), "copy_of": (None, "1"), "note": (None, "Tetap.")}
            assert (await (await office.as_(who)).post(f"/v1/instances/{run.id}/documents", files=copy)).status_code == 201
        answer = await run.act(who, action, **more)
        assert answer.status_code == 201, answer.text
    at = unpacked(await bundle_of(office, run), tmp_path)
    assert verified(at)[0] == 0, verified(at)
    replaced("transitions.json", '"to_step": 4', '"to_step": 3')(at)
    listed_anew(at)
    assert verified(at)[0] == 1


async def test_what_was_found_in_an_electronic_signature_is_as_the_log_tells(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found_instead(monkeypatch, SOUND, replace(SOUND, trusted=True, signed_at=datetime.fromisoformat("2027-01-04T07:00:00+09:00")))
    run = await at_step_7(office)
    assert (await sign(run)).status_code == 201
    content = await bundle_of(office, run)
    at = unpacked(content, tmp_path / "whole")
    assert (at / "documents" / SIGNED).is_dir()
    assert verified(at)[0] == 0, verified(at)
    for number, (was, is_now) in enumerate({'"trusted": null': '"trusted": true', "Camat Uji": "Camat Lain", "+08:00": "+09:00"}.items()):
        forged = unpacked(content, tmp_path / str(number))
        replaced("documents.json", was, is_now)(forged)
        listed_anew(forged)
        assert verified(forged)[0] == 1
