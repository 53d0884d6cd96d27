"""Choose the port of the web server."""

import socket
from dataclasses import dataclass

from deploy.local.errors import SetupError

HOST = "127.0.0.1"
FIRST = 8000
TRIED = 100


@dataclass(frozen=True, slots=True)
class Reserved:
    """A free port, kept from the other checkouts of the machine while `guard` is open."""

    number: int
    guard: socket.socket


def reserve_port(first: int = FIRST) -> Reserved:
    """Reserve the first free port of 127.0.0.1 from `first` on.

    The web server binds it seconds later, when the database is ready. Until then an abstract
    socket named after the port tells other checkouts; the kernel frees it with this process.
    """
    for number in range(first, first + TRIED):
        guard = _guard(number)
        if guard is None:
            continue
        if is_free(number):
            return Reserved(number=number, guard=guard)
        guard.close()
    raise SetupError(f"aucun port libre entre {first} et {first + TRIED - 1} sur {HOST}.")


def is_free(number: int) -> bool:
    """Tell whether nothing listens on the port."""
    with socket.socket() as probe:
        # Connections of a server that has just stopped linger a minute without holding the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return False
    return True


def _guard(number: int) -> socket.socket | None:
    guard = socket.socket(socket.AF_UNIX)
    try:
        guard.bind(f"\0winvest-port-{number}")
    except OSError:
        guard.close()
        return None
    return guard
