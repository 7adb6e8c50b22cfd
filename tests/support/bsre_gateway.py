"""A BSrE gateway on loopback that answers as the documented one does, v1 and v2, its errors included; and counts what it signed."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

USERNAME, PASSWORD = "esign", "sandi-gerbang-7f3a"
NIK, PASSPHRASE = "0000000000000001", "frasa-sandi-uji 91c2"
WRONG_NIK, EXPIRED_NIK = "0000000000000002", "0000000000000003"

Form = dict[str, bytes]
Fault = tuple[int, dict[str, Any]]


class SigningGateway:
    """`behaviour`: signs | cuts (breaks off in the middle of its answer) | vanishes (signs and answers nothing) | fails (500) | garbles | large.

    `entered` is set when a request to sign is in, and it goes on when `go_on` is.
    """

    def __init__(self, url: str, sign: Callable[[bytes], bytes]) -> None:
        self.url = url
        self.sign = sign
        self.behaviour = "signs"
        self.signed: list[bytes] = []
        self.kept: dict[str, bytes] = {}
        self.forms: list[Form] = []
        self.entered, self.go_on = Event(), Event()
        self.go_on.set()

    def fault_of(self, form: Form) -> Fault | None:
        if form.get("nik") == WRONG_NIK.encode():
            return 400, {"status_code": 2011, "error": "NIK belum terdaftar"}
        if form.get("nik") == EXPIRED_NIK.encode():
            return 400, {"status_code": 2021, "error": "Sertifikat pengguna telah kedaluwarsa"}
        if form.get("passphrase") != PASSPHRASE.encode():
            return 400, {"status_code": 2031, "error": "Proses signing gagal : Passphrase anda salah"}
        return None

    def make(self, form: Form) -> tuple[str, bytes]:
        content = self.sign(form["file"])
        self.signed.append(content)
        document = f"dok-{len(self.signed)}"
        self.kept[document] = content
        return document, content


@contextmanager
def signing_gateway(sign: Callable[[bytes], bytes]) -> Iterator[SigningGateway]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.gateway = gateway = SigningGateway(f"http://127.0.0.1:{server.server_port}", sign)  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    @property
    def gateway(self) -> SigningGateway:
        found: SigningGateway = self.server.gateway  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        document = self.path.removeprefix("/api/sign/download/")
        if document in self.gateway.kept:
            self.answer(200, self.gateway.kept[document], "application/pdf")
        else:
            self.say(404, {"error": "Dokumen tidak ditemukan"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if self.headers["Authorization"] != expected:
            self.say(401, {"error": "Unauthorized"})
        elif self.path == "/api/sign/pdf":
            self.signed(_fields(self.headers["Content-Type"], body), self.answer_v1)
        elif self.path == "/api/v2/sign/pdf":
            asked = json.loads(body)
            form = {"nik": asked["nik"].encode(), "passphrase": asked["passphrase"].encode(), "file": base64.b64decode(asked["file"][0])}
            self.signed(form | {"tampilan": asked["signatureProperties"][0]["tampilan"].encode()}, self.answer_v2)
        else:
            self.say(404, {"error": "Not Found"})

    def signed(self, form: Form, answer: Callable[[str, bytes], None]) -> None:
        gateway = self.gateway
        gateway.forms.append(form)
        gateway.entered.set()
        gateway.go_on.wait()
        fault = gateway.fault_of(form)
        if fault is not None:
            self.say(*fault)
        elif gateway.behaviour == "fails":
            self.say(500, {"error": "Internal Server Error"})
        elif gateway.behaviour == "garbles":
            self.answer(200, b"<html>login</html>", "text/html")
        else:
            document, content = gateway.make(form)
            if gateway.behaviour == "vanishes":
                self.close_connection = True
                return
            answer(document, b"%PDF-" + b"x" * 40_000_000 if gateway.behaviour == "large" else content)

    def answer_v1(self, document: str, content: bytes) -> None:
        self.answer(200, content, "application/pdf", id_dokumen=document)

    def answer_v2(self, _: str, content: bytes) -> None:
        self.say(200, {"time": 1, "file": [base64.b64encode(content).decode()]})

    def say(self, status: int, document: dict[str, Any]) -> None:
        self.answer(status, json.dumps(document).encode(), "application/json")

    def answer(self, status: int, content: bytes, media_type: str, **headers: str) -> None:
        cut = self.gateway.behaviour == "cuts" and self.command == "POST"
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(content[: len(content) // 2] if cut else content)
        except OSError:  # who was told too much has gone
            self.close_connection = True
        if cut:
            self.close_connection = True


def _fields(content_type: str, body: bytes) -> Form:
    """A form's parts by name, read by another parser than ours."""
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = [part for part in whole.get_payload() if isinstance(part, Message)]
    return {str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True) or b"") for part in parts}
