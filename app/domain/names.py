"""What a name of a person or an office may be."""

from collections.abc import Iterator

from app.domain.problems import FieldError


def name_mistakes(name: str) -> Iterator[FieldError]:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        yield FieldError("/name", "malformed", "Nama terdiri atas 1 sampai 200 karakter.", "A name has 1 to 200 characters.")
