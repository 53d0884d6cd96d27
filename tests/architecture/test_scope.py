"""No company row is read outside a scope, and a scope shows its companies' rows only."""

import pytest

from tests.architecture.test_models import (
    HISTORY_OF_THE_GROUP,
    OF_THE_GROUP,
    business_models,
    history_models,
)
from tests.factories import (
    MappingFactory,
    MembershipFactory,
    PartnerActivationFactory,
    PartnerFactory,
    UserFactory,
    make_accounts,
)
from tests.support.offers import make_released
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry

SCOPED = [
    model
    for model in [*business_models(), *history_models()]
    if model._meta.label not in OF_THE_GROUP | HISTORY_OF_THE_GROUP
]


@pytest.fixture
def two_companies(company, other_company):
    """Give both companies a row of most tables."""
    with scoping.everything():
        for owner in (company, other_company):
            version = make_released(company=owner, sku=f"{owner.code}-X", plans={"A": "1.00"})
            MappingFactory(product_version=version)
            PartnerActivationFactory(partner=PartnerFactory(company=owner))
            MembershipFactory(user=UserFactory(), company=owner, role=Role.SALES)
            make_accounts(owner)


@pytest.mark.requirement("3.8-13", "H.2.5-03")
@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model._meta.label)
def test_reading_without_a_scope_is_an_exception(db, model):
    for read in (
        lambda: list(model._default_manager.all()),
        model._default_manager.count,
        lambda: model._default_manager.filter(pk=None).exists(),
        lambda: list(model._default_manager.values_list("pk")),
    ):
        with pytest.raises(scoping.ScopeMissing):
            read()


@pytest.mark.requirement("3.8-13", "H.2.5-03", "G.2-03")
@pytest.mark.usefixtures("two_companies")
@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model._meta.label)
def test_a_scope_shows_its_own_rows_only(company, other_company, model):
    owner = (
        "id" if model._meta.label in ("core.Company", "core.HistoricalCompany") else "company_id"
    )
    with scoping.scope([company.pk]):
        seen = set(model._default_manager.values_list(owner, flat=True))
    assert seen <= {company.pk, None}
    with scoping.scope([]):
        assert not set(model._default_manager.values_list(owner, flat=True)) - {None}


@pytest.mark.requirement("3.8-13")
@pytest.mark.usefixtures("two_companies")
def test_related_lists_and_histories_follow_the_scope(company, other_company):
    from catalog.models import Product

    with scoping.everything():
        product = Product.objects.get(company=other_company)
        risk, version = product.risk, product.versions.get()
    with scoping.scope([company.pk]):
        for related in (
            risk.products,
            product.versions,
            version.plans,
            version.pricing_rules,
            version.publications,
            version.accounting_mappings,
            product.history,
            version.history,
        ):
            assert related.count() == 0
            assert list(related.all()) == []


@pytest.mark.requirement("3.8-13", "1-23")
@pytest.mark.usefixtures("two_companies")
def test_the_log_follows_the_scope(company, other_company):
    with scoping.scope([company.pk]):
        assert set(AuditEntry.objects.values_list("company_id", flat=True)) == {company.pk}
