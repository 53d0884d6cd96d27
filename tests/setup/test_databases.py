"""An unsuitable DATABASE_URL or REDIS_URL is refused in one French line."""

import socket
import struct
import threading

import pytest

from deploy.local.databases import check_database, check_redis
from deploy.local.errors import SetupError


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


@pytest.fixture
def old_postgres():
    """The greeting of a PostgreSQL 14, as its protocol writes it."""
    greeting = (
        _message(b"R", struct.pack("!I", 0))
        + _message(b"S", b"server_version\x0014.9\x00")
        + _message(b"S", b"client_encoding\x00UTF8\x00")
        + _message(b"Z", b"I")
    )

    def greet():
        client, _ = server.accept()
        with client:
            client.recv(1024)
            client.sendall(greeting)
            client.recv(1024)

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(10)
        thread = threading.Thread(target=greet)
        thread.start()
        port = server.getsockname()[1]
        yield f"postgresql://a@127.0.0.1:{port}/b?sslmode=disable&gssencmode=disable"
        thread.join()


def test_an_old_postgresql_is_refused(old_postgres):
    with pytest.raises(SetupError, match="PostgreSQL 14 ; il faut la version 15"):
        check_database(old_postgres)


@pytest.mark.parametrize(
    "url", ["mysql://a@b/c", "winvest", "postgresql://a@127.0.0.1:port/b", "http://127.0.0.1/"]
)
def test_an_address_that_is_not_postgresqls_is_refused(url):
    with pytest.raises(SetupError, match="DATABASE_URL n'est pas une adresse PostgreSQL"):
        check_database(url)


def test_a_stopped_postgresql_is_said():
    with pytest.raises(SetupError, match="aucun serveur PostgreSQL ne répond") as refused:
        check_database("postgresql://a:secret@127.0.0.1:1/b")
    assert "secret" not in str(refused.value)


def test_a_missing_database_is_said(django_db_setup):
    from django.conf import settings

    host = settings.DATABASES["default"]["HOST"]
    user = settings.DATABASES["default"]["USER"]
    with pytest.raises(SetupError, match="n'existe pas"):
        check_database(f"postgresql://{user}@/absent?host={host}")
    with pytest.raises(SetupError, match="refuse le compte"):
        check_database(f"postgresql://stranger@/postgres?host={host}")


def test_an_address_that_is_not_rediss_is_refused():
    with pytest.raises(SetupError, match="REDIS_URL n'est pas une adresse Redis"):
        check_redis("http://127.0.0.1:6379")


def test_a_stopped_redis_is_said():
    with pytest.raises(SetupError, match="aucun serveur Redis ne répond"):
        check_redis("redis://127.0.0.1:1/0")
