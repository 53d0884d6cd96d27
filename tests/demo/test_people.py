"""Demo accounts and the file that holds their secrets."""

import json
import stat

import pytest
from django.test import Client

from tests.factories import CompanyFactory
from winvest.backoffice.demo.people import load_people
from winvest.backoffice.demo.secrets import read_secrets, write_accounts
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Membership, User
from winvest.core.models.access import hash_token

URL = "http://127.0.0.1:8000"


@pytest.fixture
def companies(db):
    return {code: CompanyFactory(code=code) for code in ("AP", "WINVEST")}


@pytest.fixture
def load(tmp_path, companies):
    """Return a function that loads the accounts and writes the file, and the file's path."""
    path = tmp_path / "var" / "demo-accounts.json"

    def run(url: str = URL) -> dict:
        with scoping.everything():
            _, accounts = load_people(path=path, companies=companies)
        write_accounts(path, url=url, accounts=accounts)
        return json.loads(path.read_text())

    run.path = path
    return run


def test_the_file_is_what_the_contract_says(load):
    content = load()
    assert stat.S_IMODE(load.path.stat().st_mode) == 0o600
    assert [entry.name for entry in load.path.parent.iterdir()] == [load.path.name]
    assert sorted(content) == ["accounts", "tokens", "url"]
    assert content["url"] == URL
    assert {tuple(sorted(line)) for line in content["accounts"]} == {
        ("companies", "email", "password", "role")
    }
    assert {tuple(sorted(line)) for line in content["tokens"]} == {
        ("companies", "name", "role", "token")
    }
    assert {line["role"] for line in content["accounts"]} == set(Role)
    assert len(content["tokens"]) == len(content["accounts"])
    group = [line for line in content["accounts"] if line["role"] == "group_admin"]
    assert [line["companies"] for line in group] == [["AP", "WINVEST"]] * 2


@pytest.mark.requirement("G.2-03", "3.8-13")
def test_each_account_signs_in_and_holds_one_role_in_one_company(load):
    for line, token in zip(*[load()[key] for key in ("accounts", "tokens")], strict=True):
        assert Client().login(username=line["email"], password=line["password"])
        user = User.objects.get(email=line["email"])
        assert user.tokens.get().digest == hash_token(token["token"])
        with scoping.everything():
            rows = Membership.objects.filter(user=user).values_list("role", "company__code")
            assert list(rows) == [
                (line["role"], None if line["role"] == "group_admin" else line["companies"][0])
            ]


def test_a_second_start_keeps_the_secrets_and_writes_the_new_address(load):
    first, second = load(), load("http://127.0.0.1:8001")
    assert second == {**first, "url": "http://127.0.0.1:8001"}
    assert ApiToken.objects.count() == len(first["tokens"])


@pytest.mark.parametrize("content", [None, "", "[]", '{"accounts": 1, "tokens": []}', "{"])
def test_without_a_sound_file_everything_is_renewed_and_old_tokens_die(load, content):
    old = load()
    load.path.unlink()
    if content is not None:
        load.path.write_text(content)
    new = load()
    for before, after in zip(old["accounts"], new["accounts"], strict=True):
        assert before["email"] == after["email"]
        assert not Client().login(username=before["email"], password=before["password"])
        assert Client().login(username=after["email"], password=after["password"])
    valid = ApiToken.objects.filter(revoked_at=None).values_list("digest", flat=True)
    assert set(valid) == {hash_token(line["token"]) for line in new["tokens"]}


def test_a_new_database_takes_the_secrets_of_the_file(load):
    old = load()
    User.objects.all().delete()
    assert load() == old
    line = old["accounts"][0]
    assert Client().login(username=line["email"], password=line["password"])


def test_an_older_file_is_put_into_force_with_new_tokens(load):
    old = load()
    load.path.unlink()
    other = load()
    load.path.write_text(json.dumps(old))
    again = load()
    assert again["accounts"] == old["accounts"]
    assert {line["token"] for line in again["tokens"]}.isdisjoint(
        line["token"] for line in old["tokens"] + other["tokens"]
    )
    line = again["accounts"][0]
    assert Client().login(username=line["email"], password=line["password"])


def test_a_revoked_token_is_renewed_and_the_password_stays(load):
    old = load()
    email = old["accounts"][0]["email"]
    token = ApiToken.objects.get(user__email=email)
    token.revoked_at = token.created_at
    token.save()
    new = load()
    assert new["accounts"] == old["accounts"]
    assert new["tokens"][0]["token"] != old["tokens"][0]["token"]
    assert new["tokens"][1:] == old["tokens"][1:]


def test_what_an_administrator_changed_stays(load):
    content = load()
    with scoping.everything():
        Membership.objects.filter(user__email=content["accounts"][5]["email"]).delete()
        load()
        kept = Membership.objects.filter(user__email=content["accounts"][5]["email"])
        assert not kept.exists()


def test_a_file_where_two_accounts_share_a_token_is_not_ours(load):
    content = load()
    content["tokens"][0]["token"] = content["tokens"][1]["token"]
    load.path.write_text(json.dumps(content))
    assert read_secrets(load.path) == {}


def test_secrets_stand_nowhere_in_the_database(load):
    from django.db import connection

    content = load()
    secrets = [line["password"] for line in content["accounts"]]
    secrets += [line["token"] for line in content["tokens"]]
    digests = [hash_token(line["token"]) for line in content["tokens"]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(before::text, '') || coalesce(after::text, '') FROM audit_log"
        )
        log = "\n".join(row[0] for row in cursor.fetchall())
    assert "app_user" not in log
    assert not [value for value in secrets + digests if value in log]
