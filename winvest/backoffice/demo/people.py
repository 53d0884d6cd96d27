"""Demo accounts: one for each role and company it applies to (R-01), and the group's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from winvest.backoffice.demo.files import read_json
from winvest.backoffice.demo.rows import add
from winvest.backoffice.demo.secrets import Account, Secret, draw_secret, read_secrets
from winvest.core.choices import ROLE_LABELS
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Company, Membership, User
from winvest.core.models.access import hash_token
from winvest.core.transaction import transaction


@dataclass(frozen=True, slots=True)
class Person:
    """An account to have; a group administrator's `company` is None."""

    email: str
    name: str
    role: Role
    company: str | None


class People:
    """The demo users by role and company code, with fresh rights."""

    def __init__(self, users: Mapping[tuple[Role, str | None], User]) -> None:
        """Keep the users."""
        self._users = users

    def __getitem__(self, key: tuple[Role, str | None]) -> User:
        """Return the user with this role in this company (None: for the group)."""
        return self._users[key]


def load_people(*, path: Path, companies: Mapping[str, Company]) -> tuple[People, list[Account]]:
    """Make the missing accounts and return all of them with their secrets.

    Secrets of the file at `path` are kept; without a file, or with one that another database
    wrote, passwords and tokens are renewed and the old tokens revoked.
    """
    known = read_secrets(path)
    people = list(_people(companies))
    emails = [person.email for person in people]
    users = {user.email: user for user in User.objects.filter(email__in=emails)}
    tokens = ApiToken.objects.filter(user__email__in=emails).in_bulk(field_name="digest")
    found: dict[tuple[Role, str | None], User] = {}
    accounts = []
    with transaction(None):
        for person in people:
            user = users.get(person.email) or User(email=person.email, name=person.name)
            secret = _settle(user, known.get(person.email), tokens)
            if person.email not in users:
                _join(user, person, companies)
            found.setdefault((person.role, person.company), user)
            codes = (person.company,) if person.company else tuple(companies)
            accounts.append(Account(person.email, person.role, codes, secret))
    return People(found), accounts


def _people(companies: Iterable[str]) -> Iterator[Person]:
    data = read_json("demo/people.json")
    domain = data["domain"]
    for admin in data["group_admins"]:
        yield Person(f"{admin['login']}@{domain}", admin["name"], Role.GROUP_ADMIN, None)
    for line in data["roles"]:
        role = Role(line["role"])
        for code in line["companies"]:
            if code in companies:
                login = f"{line['login']}.{code.lower()}"
                yield Person(f"{login}@{domain}", f"{ROLE_LABELS[role]} {code}", role, code)


def _settle(user: User, known: Secret | None, tokens: Mapping[str, ApiToken]) -> Secret:
    """Make the account answer to the secret that the file will show, and return it.

    A running token of the file proves that the password is this database's too. Otherwise the
    file's secret is put into force, with a new token where its own was revoked here.
    """
    token = tokens.get(hash_token(known.token)) if known else None
    if known and token and token.user_id == user.pk and token.is_valid:
        return known
    secret = draw_secret()
    if known:
        secret = Secret(known.password, secret.token if token else known.token)
    user.set_password(secret.password)
    add(user)
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now())
    add(ApiToken(user=user, name=user.email, digest=hash_token(secret.token)))
    return secret


def _join(user: User, person: Person, companies: Mapping[str, Company]) -> None:
    company = companies[person.company] if person.company else None
    add(Membership(user=user, company=company, role=person.role))
