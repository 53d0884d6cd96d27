"""Reach the databases: wait for the embedded ones, refuse unsuitable ones of the environment.

Runs in the virtual environment: psycopg and redis are there.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from deploy.local import postgres
from deploy.local.errors import SetupError
from deploy.local.processes import wait_until

POSTGRES_OLDEST = 15
REDIS_OLDEST = (6, 2)
PATIENCE = 5  # seconds given to an outside server to answer
START = 60.0  # seconds given to an embedded server: after a power cut it replays its journal

POSTGRES_FORM = "postgresql://compte:motdepasse@serveur:5432/base"
REDIS_FORM = "redis://serveur:6379/0"


def check_database(url: str) -> None:
    """Refuse a DATABASE_URL that is wrong, out of reach or older than PostgreSQL 15."""
    if not _looks_like_postgres(url):
        raise SetupError(f"DATABASE_URL n'est pas une adresse PostgreSQL ({POSTGRES_FORM}).")
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            version = connection.info.server_version // 10000
    except psycopg.ProgrammingError:
        raise SetupError(
            f"DATABASE_URL n'est pas une adresse PostgreSQL ({POSTGRES_FORM})."
        ) from None
    except psycopg.OperationalError as error:
        raise SetupError(_refusal(str(error))) from None
    if version < POSTGRES_OLDEST:
        raise SetupError(
            f"DATABASE_URL mène à PostgreSQL {version} ; il faut la version {POSTGRES_OLDEST} "
            "ou une plus récente."
        )


def check_redis(url: str) -> None:
    """Refuse a REDIS_URL that is wrong, out of reach or older than Redis 6.2."""
    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE) as client:
            version = str(client.info("server")["redis_version"])
    except ValueError:
        raise SetupError(f"REDIS_URL n'est pas une adresse Redis ({REDIS_FORM}).") from None
    except redis.AuthenticationError:
        raise SetupError("Redis refuse le compte ou le mot de passe de REDIS_URL.") from None
    except redis.RedisError:
        raise SetupError(
            "aucun serveur Redis ne répond à l'adresse de REDIS_URL ; démarrez-le ou corrigez "
            "l'adresse."
        ) from None
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_OLDEST:
        raise SetupError(f"REDIS_URL mène à Redis {version} ; il faut la version 6.2 ou plus.")


def wait_for_database(url: str, *, ended: Callable[[], bool] = lambda: False) -> None:
    """Wait for the embedded PostgreSQL, then create the application's database if need be.

    A server that has `ended` is not waited for.
    """
    maintenance = postgres.maintenance(url)
    if not wait_until(lambda: ended() or _answers(maintenance), START) or ended():
        raise SetupError("PostgreSQL n'a pas démarré ; la raison est dans le journal postgres.log.")
    name = postgres.DATABASE
    with psycopg.connect(maintenance, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def wait_for_redis(url: str) -> None:
    """Wait for the embedded Valkey, which reads its whole file before it answers."""
    if not wait_until(lambda: _pongs(url), START):
        raise SetupError("Valkey n'a pas démarré ; la raison est dans le journal valkey.log.")


def _looks_like_postgres(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"postgres", "postgresql"} and parts.port != 0
    except ValueError:  # a port that is not a number
        return False


def _refusal(error: str) -> str:
    if "database" in error and "does not exist" in error:
        return "la base nommée dans DATABASE_URL n'existe pas ; créez-la ou corrigez l'adresse."
    if "authentication" in error or "role" in error or "no password" in error:
        return "PostgreSQL refuse le compte ou le mot de passe de DATABASE_URL."
    return (
        "aucun serveur PostgreSQL ne répond à l'adresse de DATABASE_URL ; démarrez-le ou "
        "corrigez l'adresse."
    )


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=PATIENCE).close()
    except psycopg.OperationalError:
        return False
    return True


def _pongs(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
