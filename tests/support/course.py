"""How people take the shipped SOP from step 1 to step 7: what each step's performers fill, and who signs it off."""

from typing import Any

KEY = "pengumpulan-data-kinerja"
SAMBOJA, MUARA_JAWA = "64.02.13", "64.02.14"

TEAM: dict[str, Any] = {"members": [{"username": "tim1"}, {"username": "tim2"}], "instrument": {"number": "188.45/12/2026", "date": "2027-01-04"}}

COURSE: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {
    1: (("struktur_organisasi", "draf_tim"), ("camat",)),
    2: ((), ("sekretaris",)),
    3: (("rencana_kegiatan",), ("tim1",)),
    4: (("data_kinerja", "konsep_laporan"), ("sekretaris", "tim2")),
    5: (("konsep_laporan_diperiksa",), ("camat",)),
    6: (("laporan_final",), ("sekretaris", "tim1")),
    7: (("laporan_ditandatangani",), ("staf",)),
}
"""Per step: the slots its performers fill, and who signs it off."""
