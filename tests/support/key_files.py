"""Key files for tests, and a source of keys that counts how often it is read."""

from pathlib import Path

from app.outside.key_files import KeyFile
from app.outside.tokens import KeyRing, Keys, KeySource, SigningKey, Tokens
from tests.support.tokens import AUDIENCE, ISSUER, PEM


def key_file(directory: Path, pem: str = PEM) -> Path:
    path = directory / "keys" / "key.pem"
    path.parent.mkdir(exist_ok=True)
    path.write_text(pem)
    path.chmod(0o600)
    return path


def kid_in(path: Path) -> str:
    return SigningKey(path.read_text()).kid


class Counting:
    """`reads` counts; `blind` shows no change in the dates, as a network drive may for a while."""

    def __init__(self, source: KeyFile) -> None:
        self.source = source
        self.reads = 0
        self.blind = False

    def mark(self) -> object:
        return None if self.blind else self.source.mark()

    def read(self) -> KeyRing:
        self.reads += 1
        return self.source.read()


def server(source: KeySource, **settings: int) -> Tokens:
    """A running server's tokens, over these files."""
    return Tokens(Keys(source), issuer=ISSUER, audience=AUDIENCE, **{"leeway_seconds": 0} | settings)
