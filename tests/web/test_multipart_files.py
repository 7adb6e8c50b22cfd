"""The name and the media type of an uploaded file: decoded, and kept as data."""

import pytest

from tests.support.multipart import END, file, part, read


@pytest.mark.parametrize(
    ("parameters", "filename"),
    [
        ('filename="laporan.pdf"', "laporan.pdf"),
        ("filename=laporan.pdf", "laporan.pdf"),
        ("filename=laporan kinerja.pdf", "laporan kinerja.pdf"),
        ('filename="Résumé 🙂.pdf"', "Résumé 🙂.pdf"),
        ('filename="Re\u0301sume\u0301.pdf"', "Résumé.pdf"),
        (b'filename="R\xe9sum\xe9.pdf"', "Résumé.pdf"),
        (r'filename="a\"b.pdf"', 'a"b.pdf'),
        (r'filename="a\\\\b.pdf"', "b.pdf"),
        ('filename="a%22b.pdf"', 'a"b.pdf'),
        (r'filename="a; name=x.pdf"', "a; name=x.pdf"),
        ('filename="a\\"; size=3', "dokumen"),
        (r'filename="C:\Users\camat\laporan.pdf"', "laporan.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="../../etc/passwd%00.pdf"', "passwd.pdf"),
        ('filename="..%2F..%2Fetc%2Fpasswd"', "passwd"),
        ('filename="%252e%252e%252fpasswd"', "%2e%2e%2fpasswd"),
        ('filename="a%0D%0ASet-Cookie: b.pdf"', "aSet-Cookie: b.pdf"),
        ('filename="100%.pdf"', "100%.pdf"),
        ('filename="100%25.pdf"', "100%.pdf"),
        ('filename="%E9.pdf"', "%E9.pdf"),
        ("filename=\"x.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9.pdf", "Résumé.pdf"),
        ("filename*=utf-8'id'R%C3%A9sum%C3%A9.pdf; filename=\"x.pdf\"", "Résumé.pdf"),
        ("filename*=iso-8859-1''R%E9sum%E9.pdf", "Résumé.pdf"),
        ("filename*=UTF-8''..%2F..%2Fpasswd%00", "passwd"),
        ("filename=\"x.pdf\"; filename*=UTF-8''%FF", "x.pdf"),
        ("filename=\"x.pdf\"; filename*=koi8-r''%C1", "x.pdf"),
        ('filename="x.pdf"; filename*=garbage', "x.pdf"),
        ('filename=".."', "dokumen"),
        ('filename="laporan\u202efdp.exe"', "laporanfdp.exe"),
        (b'filename="a\0b.pdf"', "ab.pdf"),
    ],
)
def test_a_filename_is_decoded_and_kept_as_data(parameters: str | bytes, filename: str) -> None:
    parameters = parameters if isinstance(parameters, bytes) else parameters.encode()
    form, _ = read(file(disposition=b'name="file"; ' + parameters) + END)
    assert form.file is not None
    assert form.file.filename == filename


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("application/pdf", "application/pdf"),
        ("Application/PDF", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("text/html\u00a0", "application/octet-stream"),
        ("text/html, text/plain", "application/octet-stream"),
        ("a/" + "b" * 148, "a/" + "b" * 148),
        ("a/" + "b" * 149, "application/octet-stream"),
        ("text/<script>", "application/octet-stream"),
    ],
)
def test_a_media_type_is_kept_if_it_looks_like_one(sent: str, kept: str) -> None:
    form, _ = read(file(media_type=sent) + END)
    assert form.file is not None
    assert form.file.media_type == kept


def test_a_part_without_media_type_is_bytes() -> None:
    form, _ = read(part('Content-Disposition: form-data; name="file"; filename="x"', b"isi") + END)
    assert form.file is not None
    assert form.file.media_type == "application/octet-stream"
