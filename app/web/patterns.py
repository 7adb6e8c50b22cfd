"""What some texts must look like, and how people are told: nobody should have to read a regular expression."""

from app.web.wording import Words

NOT_BLANK = r"\S"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
PERIOD = r"^(20\d\d|2100)(-Q[1-4])?$"
_DIMENSION = "(procedure|step|role|office|period)"
CLASSIFICATION = r"^[0-9]+([.][0-9]+)*$"
NIK = r"^[0-9]{16}$"
SHA256 = r"^[0-9a-fA-F]{64}$"
RULE_KEY = r"^[a-z][a-z0-9_]*$"
GROUP_BY = f"^{_DIMENSION}(,{_DIMENSION}){{0,4}}$"

SAID: dict[str, Words] = {
    NOT_BLANK: Words("Tidak boleh kosong.", "Must not be blank."),
    TIME_OF_DAY: Words("Harus berupa jam HH:MM, dari 00:00 sampai 23:59.", "Must be a time HH:MM, from 00:00 to 23:59."),
    PERIOD: Words("Harus berupa tahun (2026) atau triwulan (2026-Q4).", "Must be a year (2026) or a quarter (2026-Q4)."),
    CLASSIFICATION: Words("Harus berupa angka dan titik, seperti 000.8.6.3.", "Must be digits and dots, such as 000.8.6.3."),
    NIK: Words("Harus 16 angka, seperti pada KTP.", "Must be 16 digits, as on the identity card."),
    SHA256: Words("Harus 64 angka heksadesimal.", "Must be 64 hexadecimal digits."),
    RULE_KEY: Words("Huruf kecil, angka, garis bawah; huruf di depan.", "Lower-case letters, digits, underscores; a letter first."),
    GROUP_BY: Words(
        "Paling banyak lima dari procedure, step, role, office, period, dipisahkan koma tanpa spasi.",
        "At most five of procedure, step, role, office, period, separated by commas without spaces.",
    ),
}
