"""Titles that people might give, and how a calendar program reads them."""

NASTY_TITLES: dict[str, tuple[str, str]] = {
    name: pair if isinstance(pair, tuple) else (pair, pair)
    for name, pair in {
        "commas": "Data, laporan, dan lampiran",
        "semicolons and colons": "Tahap 1; tahap 2: selesai",
        "backslashes": r"C:\data\n dan \, atau \;",
        "quotes": "\"Final\" 'betul' ^n ^'",
        "like a property": "END:VEVENT",
        "like a property on a line of its own": "Laporan\nEND:VEVENT\nBEGIN:VEVENT",
        "line ends of other systems": ("satu\r\ndua\rtiga\u2028empat", "satu\ndua\ntiga\nempat"),
        "controls": ("bel\x07 dan\x00 nol\x7f", "bel  dan  nol "),
        "tab": "kolom\tkolom",
        "emoji over a fold": "Rapat 😀👩‍👩‍👧‍👦🇮🇩" * 12,
        "accents over a fold": "é́è̈" * 40,
        "right to left": "تقرير الأداء\u200f 2026",
        "three hundred characters": "Pengumpulan Data Kinerja " * 12,
        "spaces at the folds": "a " * 150 + "z",
        "seventy-five octets": "x" * 67,
        "markup": '<b>&amp;</b> =HYPERLINK("x")',
    }.items()
}
