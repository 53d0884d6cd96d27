"""Databases of the tests: cloned from a template, which takes a tenth of a second."""

import psycopg
from django.conf import settings
from django.db import connection


def maintenance() -> psycopg.Connection:
    """Connect to the server's `postgres` database, outside any transaction."""
    options = connection.settings_dict
    return psycopg.connect(
        host=options["HOST"],
        port=options["PORT"] or None,
        user=options["USER"],
        password=options["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


def use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def clone(template: str, name: str) -> None:
    connection.close()
    with maintenance() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    use(name)
