"""The web server of the product, on the database of the test, and uploads that never end well."""

import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPResponse
from pathlib import Path

from deploy.local.ports import HOST
from deploy.local.processes import wait_until
from tests.support.worker import ROOT, on_this_database, peak_memory

SECONDS = 60  # to give up: the machine may be busy
BLOCK = b"\0" * 2**18


class Server:
    """granian with one worker and one thread: a request ends before the next one begins."""

    def __init__(self, place: Path, media: Path) -> None:
        self.temporary = place / "received"
        self.temporary.mkdir()
        with closing(socket.create_server((HOST, 0))) as probe:
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
        command += ["--workers", "1", "--blocking-threads", "1"]
        command += ["--host", HOST, "--port", str(self.port), "winvest.wsgi:application"]
        with (place / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=on_this_database(media) | {"TMPDIR": str(self.temporary)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    @property
    def peak(self) -> int:
        """The highest resident memory so far, in kB."""
        return peak_memory(self.process.pid)

    def ask(self, method: str, path: str, headers: dict[str, str]) -> tuple[HTTPResponse, str]:
        return self.send(method, path, headers, iter(()))

    def send(
        self, method: str, path: str, headers: dict[str, str], body: Iterator[bytes]
    ) -> tuple[HTTPResponse, str]:
        """Send a request piece by piece, until the server answers it or the body ends."""
        with socket.create_connection((HOST, self.port), timeout=SECONDS) as link:
            told = {"Host": HOST, "Connection": "close", **headers}
            lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in told.items())]
            link.sendall("\r\n".join([*lines, "", ""]).encode())
            for block in body:
                if select.select([link], [], [], 0)[0]:
                    break
                try:
                    link.sendall(block)
                except (BrokenPipeError, ConnectionResetError):
                    break
            answer = HTTPResponse(link, method=method)
            answer.begin()
            return answer, answer.read().decode()


@contextmanager
def serving(place: Path, media: Path) -> Iterator[Server]:
    """Start the server, and end it."""
    server = Server(place, media)
    try:
        assert wait_until(server.answers, SECONDS), (place / "server.log").read_text()
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(SECONDS)


def blocks(size: int) -> Iterator[bytes]:
    """Give `size` zeros, a quarter of a megabyte at a time."""
    for _ in range(size // len(BLOCK)):
        yield BLOCK
    yield BLOCK[: size % len(BLOCK)]


def chunks(body: Iterator[bytes]) -> Iterator[bytes]:
    """Give a body in chunks, without its length beforehand."""
    for block in body:
        yield b"%x\r\n%b\r\n" % (len(block), block)
    yield b"0\r\n\r\n"
