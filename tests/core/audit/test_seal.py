"""The legal log is sealed after the fact, and any tampering is named (G.3)."""

from contextlib import closing
from datetime import date
from io import StringIO

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import DatabaseError

from tests.factories import BrandFactory
from tests.support.demo import undone
from winvest.core.models import AuditEntry, AuditRoot, AuditSeal
from winvest.core.services import audit_seal as services
from winvest.core.services.audit_seal import keep_root, seal_entries
from winvest.core.services.audit_verification import verify_audit, verify_chain
from winvest.core.tasks import keep_audit_root, seal_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
# What commits is seen by other connections: such a test gets a database of its own.
committed = pytest.mark.django_db(transaction=True)


def as_superuser(sql: str, *params) -> None:
    """Run as whoever holds the database: no trigger stands in the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET session_replication_role = DEFAULT")


def verified() -> tuple[bool, str]:
    """Return whether the log is whole as this transaction sees it, and what is said of it."""
    connection.ensure_connection()
    result = verify_chain(connection.connection)
    return result.is_whole, "\n".join(result.findings)


def command() -> tuple[int, str]:
    """Return the exit code of `manage.py verify_audit` and what it printed."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def entries(company) -> list[AuditEntry]:
    """Seal six brands, in batches of two or three, and return their entries."""
    for number in range(6):
        BrandFactory(company=company, name=f"Marque {number}")
    seal_entries()
    assert verified() == (True, "")
    return list(AuditEntry.objects.filter(table="brand").order_by("id"))


@pytest.mark.requirement("G.3-02")
def test_every_entry_gets_one_number_and_the_log_is_whole(entries, company, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    for number in range(5):
        BrandFactory(company=company, name=f"Suite {number}")
    assert seal_entries() == 5
    assert seal_entries() == 0
    total = AuditEntry.objects.count()
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, total + 1)
    )
    assert verified() == (True, "")


@pytest.fixture
def other():
    """Return another session on the same database, closed at the end."""
    parameters = connection.get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    known = {name: parameters[name] for name in names if parameters.get(name)}
    with closing(psycopg.connect(**known)) as session:
        yield session


@committed
@pytest.mark.requirement("G.3-02")
def test_a_transaction_that_commits_after_a_higher_id_is_sealed_too(company, other):
    seal_entries()
    other.execute("UPDATE company SET brand_name = 'Tard' WHERE id = %s", [company.pk])
    [low] = other.execute("SELECT max(id) FROM audit_log").fetchone()
    BrandFactory(company=company)
    high = AuditEntry.objects.order_by("-id").first().id
    assert high > low

    assert seal_entries() == 1
    assert verify_audit().is_whole
    other.commit()
    assert verify_audit().waiting == 1
    assert seal_entries() == 1

    sealed = list(AuditSeal.objects.order_by("number").values_list("entry_id", flat=True))
    assert sealed[-2:] == [high, low]
    assert verify_audit().is_whole


@committed
def test_a_rolled_back_transaction_leaves_nothing_to_seal(company, other):
    seal_entries()
    other.execute("UPDATE company SET brand_name = 'Jamais' WHERE id = %s", [company.pk])
    other.rollback()
    BrandFactory(company=company)
    assert seal_entries() == 1
    assert verify_audit().is_whole


@committed
def test_two_sweepers_do_not_seal_at_once(company, other):
    BrandFactory(company=company)
    other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [services.LOCK])
    assert seal_entries() == 0
    other.rollback()
    assert seal_entries() > 0


@committed
@pytest.mark.requirement("G.3-02")
def test_the_command_says_that_the_log_is_whole_or_fails(company):
    BrandFactory(company=company)
    total = AuditEntry.objects.count()
    said = f"Journal d'audit intact : {total} entrées scellées, 0 en attente.\n"
    assert command() == (0, said)
    as_superuser("DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)")
    code, text = command()
    assert code == 1
    assert text.endswith("supprimée.\n")


TAMPERINGS = {
    "edited": (
        "UPDATE audit_log SET after = jsonb_set(after, '{name}', '\"Faux\"') WHERE id = %(first)s",
        ["Entrée {first} ", " : modifiée."],
    ),
    "actor": (
        "UPDATE audit_log SET actor_role = 'auditor' WHERE id = %(first)s",
        ["Entrée {first} ", " : modifiée."],
    ),
    "redated": (
        "UPDATE audit_log SET at = at - interval '1 hour' WHERE id = %(first)s",
        ["Entrée {first} ", " : supprimée.", "redatée"],
    ),
    "deleted": ("DELETE FROM audit_log WHERE id = %(first)s", ["Entrée {first} ", "supprimée."]),
    "swapped": (
        "UPDATE audit_log AS a SET record_id = b.record_id, after = b.after FROM audit_log AS b"
        " WHERE (a.id, b.id) IN ((%(first)s, %(second)s), (%(second)s, %(first)s))",
        ["Entrée {first} ", "l'entrée {second}.", "Entrée {second} ", "l'entrée {first}."],
    ),
    "added": (
        "INSERT INTO audit_log SELECT nextval('audit_log_id_seq'), \"table\", record_id, company_id,"
        " actor_id, actor_role, session_user_name, request_id, action, before, after, at"
        " FROM audit_log WHERE id = %(first)s",
        ["ajoutée hors du journal"],
    ),
    "truncated": (
        "DELETE FROM audit_log WHERE id >= %(last)s",
        ["Entrée {last} ", "supprimée."],
    ),
    "emptied": ("TRUNCATE audit_log", ["Entrée {first} ", "Entrée {second} ", "Entrée {last} "]),
    "truncated with its seals": (
        "WITH gone AS (DELETE FROM audit_log WHERE id >= %(last)s)"
        " DELETE FROM audit_seal WHERE entry_id >= %(last)s",
        ["Racine du 24/11/2026", "Racine du 2026-11-24 (fichier)", "sa fin est tronquée"],
    ),
    "truncated with seals and roots": (
        "WITH gone AS (DELETE FROM audit_log WHERE id >= %(last)s), seals AS"
        " (DELETE FROM audit_seal WHERE entry_id >= %(last)s) DELETE FROM audit_root",
        ["Racine du 2026-11-24 (fichier)", "sa fin est tronquée"],
    ),
    "truncated with seals, roots and head": (
        "WITH gone AS (DELETE FROM audit_log WHERE id >= %(last)s), seals AS"
        " (DELETE FROM audit_seal WHERE entry_id >= %(last)s), head AS (DELETE FROM audit_head)"
        " DELETE FROM audit_root",
        ["Tête des sceaux : supprimée", "Racine du 2026-11-24 (fichier)"],
    ),
    "head changed": ("UPDATE audit_head SET chain = '\\x00'", ["Tête des sceaux : modifiée"]),
    "seal changed": (
        "UPDATE audit_seal SET digest = '\\x00' WHERE entry_id = %(first)s",
        ["(entrée {first} du ", " : modifié."],
    ),
    "seal deleted": (
        "DELETE FROM audit_seal WHERE entry_id = %(first)s",
        ["supprimés.", "Entrée {first} "],
    ),
    "root changed": ("UPDATE audit_root SET chain = '\\x00'", ["Racine du 24/11/2026", "réécrite"]),
}


@pytest.mark.requirement("G.3-02", "3.8-07")
@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_found_and_names_its_row(name, entries):
    keep_root(day=date(2026, 11, 24))
    ids = {"first": entries[1].id, "second": entries[3].id, "last": entries[5].id}
    sql, expected = TAMPERINGS[name]
    as_superuser(sql % ids)
    whole, text = verified()
    assert not whole
    for words in expected:
        assert words.format(**ids) in text
    untouched = entries[2].id
    if name != "emptied":
        assert f"ntrée {untouched} " not in text


def test_a_chain_written_anew_is_contradicted_by_the_root_that_left(entries):
    """Whoever rewrites entry and seals alike still faces the file of the day before."""
    keep_root(day=date(2026, 11, 24))
    as_superuser(
        'UPDATE audit_log SET after = after || \'{"name": "Faux"}\' WHERE id = %s', entries[0].id
    )
    as_superuser("INSERT INTO audit_unsealed SELECT id, at FROM audit_log")
    as_superuser("DELETE FROM audit_seal")
    as_superuser("DELETE FROM audit_root")
    seal_entries()
    whole, text = verified()
    assert not whole
    assert "Racine du 2026-11-24 (fichier)" in text
    assert "réécrite" in text


def test_an_entry_deleted_before_its_seal_is_named(company):
    seal_entries()
    brand = BrandFactory(company=company)
    entry = AuditEntry.objects.get(record_id=brand.pk)
    as_superuser("DELETE FROM audit_log WHERE id = %s", entry.id)
    whole, text = verified()
    assert not whole
    assert f"Entrée {entry.id} " in text
    assert "avant son scellement" in text


@pytest.mark.requirement("G.3-02", "3.8-07")
def test_a_tail_removed_with_its_seals_before_any_root_stays_missing(entries, company):
    as_superuser(
        "WITH gone AS (DELETE FROM audit_log WHERE id >= %s)"
        " DELETE FROM audit_seal WHERE entry_id >= %s",
        entries[4].id,
        entries[4].id,
    )
    last = AuditSeal.objects.order_by("-number").first().number
    told = f"Sceaux {last + 1} à {last + 2} : supprimés"
    assert verified() == (False, f"{told}, la fin du journal est tronquée.")
    BrandFactory(company=company)
    assert seal_entries() == 1
    assert verified() == (False, f"{told}.")


def test_a_log_emptied_before_its_first_seal_is_found_and_a_hole_at_its_end_is_told(company):
    with undone():
        BrandFactory(company=company)
    last = BrandFactory(company=company)
    seen = AuditEntry.objects.get(record_id=last.pk).id
    for table in ("audit_unsealed", "audit_log"):
        as_superuser(f"DELETE FROM {table} WHERE id = %s", seen)
    connection.ensure_connection()
    [note] = verify_chain(connection.connection).notes
    assert note.startswith(f"Numéros {seen - 1} à {seen} : donnés sans entrée.")
    for table in ("audit_unsealed", "audit_log"):
        as_superuser(f"DELETE FROM {table}")
    assert verified() == (
        False,
        f"Journal vidé : {seen} numéros d'entrée donnés, aucune entrée ni aucun sceau.",
    )


@pytest.mark.requirement("G.3-02")
def test_seals_roots_and_what_waits_are_append_only(entries, company):
    keep_root(day=date(2026, 11, 24))
    BrandFactory(company=company)
    for sql in ("UPDATE audit_unsealed SET at = now()", "DELETE FROM audit_unsealed"):
        with pytest.raises(DatabaseError, match="append-only"), undone():
            connection.cursor().execute(sql)
    with pytest.raises(DatabaseError, match="append-only"), undone():
        connection.cursor().execute("TRUNCATE audit_unsealed")
    for table in ("audit_seal", "audit_root", "audit_head"):
        for sql in (
            f"UPDATE {table} SET number = number",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(DatabaseError, match="append-only"), undone():
                connection.cursor().execute(sql)


def test_the_tasks_seal_and_keep_the_root_of_the_day_before_once(company):
    BrandFactory(company=company)
    seal_audit()
    assert AuditSeal.objects.count() == AuditEntry.objects.count()
    keep_audit_root()
    keep_audit_root()
    root = AuditRoot.objects.get()
    [name] = default_storage.listdir("audit/roots")[1]
    with default_storage.open(f"audit/roots/{name}") as file:
        assert file.read().decode() == f"{root.day} {root.number} {bytes(root.chain).hex()}\n"
