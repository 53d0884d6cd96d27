"""No identifier of another company gives anything away, and the proof would see it if one did.

The second half breaks our own walls one by one, as a careless change would, and asks the first
half to notice: a suite that stays green without the scope's filter proves nothing.
"""

from typing import Any

import pytest
from django.db import models
from django.test import Client

from tests.architecture.test_models import OF_THE_GROUP, business_models
from tests.factories import CompanyFactory, MembershipFactory, UserFactory
from tests.support.demo import undone
from tests.support.isolation import PROBES, Stranger, leaks
from tests.support.world import make_parts, make_world
from winvest.core import scoping
from winvest.core.admin import access as access_pages
from winvest.core.admin.base import FieldChoices
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, AuditEntry, User
from winvest.core.models.base import ScopedHistoryManager
from winvest.core.selectors import audit


@pytest.fixture(scope="module")
def stranger(django_db_setup, django_db_blocker):
    """Return a company administrator of Action Prévoyance, beside Mondial TV's rows."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        own, foreign = (
            CompanyFactory(code=code, legal_name=name)
            for code, name in (("AP", "Action Prévoyance"), ("MTV", "Mondial TV"))
        )
        worlds = [make_world(company) for company in (own, foreign)]
        worlds = [world | make_parts(world) for world in worlds]
        user = UserFactory()
        for role in (Role.COMPANY_ADMIN, Role.CATALOG_MANAGER, Role.ACCOUNTING, Role.IT):
            MembershipFactory(user=user, company=own, role=role)
        token, secret = ApiToken.draw(user=user, name="isolation")
        token.save()
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        yield Stranger(
            browser, Client(headers={"authorization": f"Bearer {secret}"}), *worlds, foreign
        )


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(stranger, django_db_blocker):
    """Undo what each test writes, and open no scope: the doors open their own."""
    with django_db_blocker.unblock(), undone():
        yield


def owned_models() -> list[Any]:
    """Return every model whose rows a company owns."""
    return [model for model in business_models() if model._meta.label not in OF_THE_GROUP]


@pytest.mark.requirement("H.2.5-03")
@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
def test_the_other_company_has_a_row_in_every_table(stranger, model):
    """A table without one would hide its leaks: a new model needs its row in the world."""
    owner = "pk" if model._meta.label == "core.Company" else "company_id"
    assert model._base_manager.filter(**{owner: stranger.foreign_company.pk}).exists()


@pytest.mark.requirement("3.8-13", "H.2.5-03", "G.2-03", "3.8-02")
@pytest.mark.parametrize("probe", PROBES)
def test_nothing_of_another_company_leaks(stranger, probe):
    assert list(leaks(stranger, probe)) == []


def test_the_probes_see_what_is_one_s_own(stranger):
    """The same questions about one's own rows do give them: the canaries sing."""
    own = Stranger(
        stranger.browser,
        stranger.api,
        stranger.foreign,
        stranger.own,
        stranger.own["core_company"],
    )
    for probe in ("lists", "objects", "completions", "api lists", "api objects", "files"):
        assert next(leaks(own, probe), None), probe


def unfiltered(manager: Any) -> Any:
    return models.Manager.get_queryset(manager)


def everywhere(*_: Any) -> Any:
    return "TRUE", []


# What is broken, and the probe that must notice.
MUTANTS = {
    "no filter in the manager": (scoping.ScopedManager, "get_queryset", unfiltered, "lists"),
    "a filter that is always true": (scoping.InScope, "as_sql", everywhere, "lists"),
    "a filter that is always true, by API": (scoping.InScope, "as_sql", everywhere, "api objects"),
    "a filter that is always true, by file": (scoping.InScope, "as_sql", everywhere, "files"),
    "forms that offer every row": (
        FieldChoices,
        "choices_of",
        lambda page, field, request: field.remote_field.model._base_manager.all(),
        "forms",
    ),
    "a log of all companies": (
        audit,
        "audit_entries",
        lambda companies, *, group: AuditEntry._base_manager.annotate(
            actor_name=models.Value(""), company_code=models.Value("")
        ).order_by("-id"),
        "files",
    ),
    "accounts of everyone": (
        access_pages,
        "visible_users",
        lambda access: User.objects.all(),
        "objects",
    ),
}


@pytest.mark.requirement("H.2.5-03", "3.8-13")
@pytest.mark.parametrize("name", MUTANTS)
def test_a_wall_that_falls_is_noticed(stranger, monkeypatch, name):
    holder, attribute, broken, probe = MUTANTS[name]
    monkeypatch.setattr(holder, attribute, broken)
    assert next(leaks(stranger, probe), None), name


@pytest.mark.requirement("H.2.5-03", "3.8-13")
def test_behind_the_company_of_a_body_stands_the_scope(stranger, monkeypatch):
    monkeypatch.setattr(ApiView, "require_company", lambda view, company_id, path=None: company_id)
    assert list(leaks(stranger, "api bodies")) == []


@pytest.mark.requirement("3.8-13")
def test_a_history_without_its_filter_is_noticed(stranger, monkeypatch):
    product = stranger.foreign["catalog_product"]
    with scoping.scope([stranger.own["core_company"].pk]):
        assert not product.history.exists()
        monkeypatch.setattr(
            ScopedHistoryManager,
            "get_super_queryset",
            lambda manager: super(ScopedHistoryManager, manager).get_super_queryset(),
        )
        monkeypatch.setattr(scoping.InScope, "as_sql", everywhere)
        assert product.history.exists()
