"""People of the demo who read lists, each with a signed-in browser and a client of the API."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Membership, User
from winvest.core.permissions import Access, access_of

# The address that the development settings accept.
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Person:
    """Who reads, and how."""

    name: str
    user: User
    browser: Client
    api: Client

    @property
    def access(self) -> Access:
        """What the person may do."""
        return access_of(self.user)


def person(role: Role, company: str | None = None) -> Person:
    """Sign in the first person with this role (in the company of this code).

    To be called in a transaction that is undone: a session and a token are written.
    """
    with scoping.everything():
        rows = Membership.objects.filter(role=role, company__code=company).order_by("pk")
        user = rows.select_related("user")[0].user
        token, secret = ApiToken.draw(user=user, name="bench")
        token.save()
    browser = Client(SERVER_NAME=HOST)
    browser.cookies[settings.SESSION_COOKIE_NAME] = _session(user)
    api = Client(SERVER_NAME=HOST, headers={"authorization": f"Bearer {secret}"})
    name = f"{role.value} {company}" if company else role.value
    return Person(name, user, browser, api)


def _session(user: User) -> str:
    """Sign in without writing the date into the account's row, which would stay locked."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
