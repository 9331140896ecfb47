"""What attacks aim at: files, servers and a process of the test's own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

VARIABLE = "LOGITLAB_DECOY"


@dataclass
class Decoys:
    """token: stands in everything that must not be read. touched: what the servers have received."""

    token: str
    course: Path
    secret: Path
    victim: Path
    neighbour: Path
    solution: Path
    gradebook: Path
    socket: Path
    abstract: str
    abstract_datagram: str
    litter: list[Path]
    key: int
    port: int = 0
    process: int = 0
    touched: list[str] = field(default_factory=list)

    def damage(self) -> list[str]:
        """What an attack has done to them; and mends it."""
        found = [*self.touched]
        self.touched.clear()
        if self.victim.read_text() != "whole" or self.victim.stat().st_mode & 0o777 != 0o600:
            found.append("a file was changed")
        if self.victim.stat().st_mtime < 1000:
            found.append("a file's time was changed")
        self._renew()
        if _remove_segment(self.key):
            found.append("shared memory was left behind")
        if not Path(f"/proc/{self.process}").exists() or _is_dead(self.process):
            found.append("a process was ended")
            self.start()
        for path in self.litter:
            if path.exists():
                found.append("a file was left behind")
                path.unlink()
        return found

    def start(self) -> None:
        """Start the process that attacks aim at."""
        command = [sys.executable, "-c", "import time; time.sleep(3600)"]
        self.sleeper = subprocess.Popen(command, env={**os.environ, "SECRET": self.token})
        self.process = self.sleeper.pid

    def _renew(self) -> None:
        self.victim.write_text("whole")
        self.victim.chmod(0o600)


@contextlib.contextmanager
def decoys(folder: Path, course: Path, neighbour: Path, solution: Path) -> Iterator[Decoys]:
    """Set them up in a folder of the test's, and take them down."""
    folder.mkdir()
    name = secrets.token_hex(8)
    made = Decoys(
        token=f"token-{secrets.token_hex(12)}",
        course=course,
        secret=folder / "secret",
        victim=folder / "victim",
        neighbour=neighbour,
        solution=solution,
        gradebook=course / "gradebook.db",
        socket=folder / "s",
        abstract=f"\0logitlab-{name}",
        abstract_datagram=f"\0logitlab-{name}-datagram",
        litter=[Path(f"/tmp/logitlab-{name}"), Path(f"/dev/shm/logitlab-{name}")],
        key=secrets.randbelow(2**30) + 1,
    )
    made.secret.write_text(made.token)
    made._renew()
    with contextlib.ExitStack() as stack:
        _serve(made, stack)
        made.start()
        os.environ[VARIABLE] = made.token
        try:
            yield made
        finally:
            del os.environ[VARIABLE]
            made.sleeper.kill()
            made.sleeper.wait()
            made.damage()
            made.sleeper.kill()
            made.sleeper.wait()


def _remove_segment(key: int) -> bool:
    """Remove a System V segment if it exists; whether it did."""
    libc = ctypes.CDLL(None)
    identity = libc.shmget(key, 4096, 0)
    return identity >= 0 and libc.shmctl(identity, 0, None) == 0


def _is_dead(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"


def _serve(made: Decoys, stack: contextlib.ExitStack) -> None:
    tcp = socket.socket()
    tcp.bind(("127.0.0.1", 0))
    made.port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", made.port))
    unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    unix.bind(str(made.socket))
    abstract.bind(made.abstract)
    datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagram.bind(made.abstract_datagram)
    servers = {"a TCP server": tcp, "a Unix socket": unix, "an abstract socket": abstract}
    for what, server in servers.items():
        server.listen()
        threading.Thread(target=_accept, args=(server, what, made.touched), daemon=True).start()
    for what, server in {"a UDP server": udp, "an abstract datagram socket": datagram}.items():
        threading.Thread(target=_receive, args=(server, what, made.touched), daemon=True).start()
    for server in (*servers.values(), udp, datagram):
        stack.callback(server.close)
        stack.callback(_wake, server)


def _wake(server: socket.socket) -> None:
    """End a thread that waits at a socket."""
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, what: str, touched: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            server.accept()[0].close()
            touched.append(f"{what} was reached")


def _receive(server: socket.socket, what: str, touched: list[str]) -> None:
    with contextlib.suppress(OSError):
        while server.recv(100):
            touched.append(f"{what} was reached")
