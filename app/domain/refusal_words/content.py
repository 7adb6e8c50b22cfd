"""Why bytes are not taken as a document."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "infected": Wording(
        "input",
        "Berkas ini memuat malware ({threat}) dan tidak disimpan. Periksa perangkat asalnya, lalu kirim berkas yang bersih.",
        "This file carries malware ({threat}) and was not stored. Check the device it comes from, then send a clean file.",
    ),
    "content_infected": Wording(
        "state",
        "Dalam versi ini ditemukan malware ({threat}); isinya tidak diberikan dan tidak dipakai lagi. Unggah versi baru yang bersih.",
        "Malware was found in this version ({threat}); its bytes are not given out or used any more. Upload a new, clean version.",
    ),
    "content_quarantined": Wording(
        "state",
        "Versi ini belum dipindai karena pemindai malware belum menjawab; isinya tersedia setelah dipindai dan bersih. Coba lagi nanti.",
        "This version is not scanned yet since the malware scanner has not answered; it is given out once found clean. Try again later.",
    ),
    "content_quarantined:tried": Wording(
        "state",
        "Pemindai malware tidak dapat memeriksa versi ini (misalnya terlalu besar); dicoba lagi setiap jam. Beri tahu pengelola bila tetap begini.",
        "The malware scanner could not take this version (too large, for instance); it is tried again hourly. Tell the administrator if it stays.",
    ),
    "not_scanned_yet": Wording(
        "state",
        "Versi ini belum dipindai dari malware, jadi belum dapat dibaca, diparaf, atau ditandatangani; tunggu pemindaiannya.",
        "This version is not scanned for malware yet, so nobody can read, initial or sign it; wait for its scan.",
    ),
}
