"""A line to a server on this machine that can be cut after so many bytes; afterwards nobody answers there."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Line:
    """`with` it: listens on a port of its own and passes everything on, both ways."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self._left: dict[str, int | None] = {"up": None, "down": None}
        self._lock = threading.Lock()
        self._cut = False

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_after(self, **left: int) -> None:
        """`up`: bytes to the server from now on; `down`: bytes from it."""
        with self._lock:
            self._left.update(left)

    def cut(self) -> None:
        with self._lock:
            self._cut = True
            for end in (self._listener, *self._open):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open += [near, far]
                for way, ends in {"up": (near, far), "down": (far, near)}.items():
                    threading.Thread(target=self._pass, args=(way, *ends), daemon=True).start()

    def _pass(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                target.sendall(piece[: self._allowed(way, len(piece))])
                if self._left[way] == 0:
                    self.cut()
            target.shutdown(socket.SHUT_WR)

    def _allowed(self, way: str, wanted: int) -> int:
        with self._lock:
            left = self._left[way]
            if left is None:
                return wanted
            self._left[way] = max(0, left - wanted)
            return min(left, wanted)
