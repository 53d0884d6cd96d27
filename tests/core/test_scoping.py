"""The scope: what is outside does not exist, and a forgotten scope is an exception."""

import pytest

from catalog.models import Product
from partners.choices import PartnerStatus
from partners.models import Partner
from tests.factories import (
    PartnerActivationFactory,
    PartnerFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    VersionFactory,
)
from winvest.core import scoping

pytestmark = pytest.mark.django_db


def test_reading_without_a_scope_is_an_exception(company):
    ProductFactory(company=company)
    with pytest.raises(scoping.ScopeMissing):
        list(Product.objects.all())


@pytest.mark.requirement("3.8-13", "1-02")
def test_only_the_companies_in_scope_are_read(company, other_company):
    own, foreign = ProductFactory(company=company), ProductFactory(company=other_company)
    with scoping.scope([company.pk]):
        assert list(Product.objects.all()) == [own]
        assert not Product.objects.filter(pk=foreign.pk).exists()
        assert list(company_products := Product.objects.order_by("sku")) == [own]
        assert company_products.count() == 1


def test_the_filter_is_read_when_the_query_runs(company, other_company):
    own, foreign = ProductFactory(company=company), ProductFactory(company=other_company)
    products = Product.objects.all()
    with scoping.scope([company.pk]):
        assert list(products.all()) == [own]
    with scoping.scope([other_company.pk]):
        assert list(products.all()) == [foreign]


def test_a_published_product_is_read_by_the_seller(company, other_company):
    version = VersionFactory(product__company=other_company)
    with scoping.scope([company.pk]):
        assert not Product.objects.exists()
        PublicationFactory(product_version=version, company=company)
        assert list(Product.objects.all()) == [version.product]


@pytest.mark.requirement("1-01")
def test_an_activated_partner_is_read_without_being_copied(company, other_company):
    partner = PartnerFactory(company=other_company)
    with scoping.scope([company.pk]):
        assert not Partner.objects.exists()
        activation = PartnerActivationFactory(partner=partner, company=company)
        assert list(Partner.objects.all()) == [partner]
        # Closed, it goes on being read: the company's products name it.
        activation.status = PartnerStatus.INACTIVE
        activation.save()
        assert list(Partner.objects.all()) == [partner]
        activation.delete()
        assert not Partner.objects.exists()


def test_a_global_risk_is_read_by_everyone(company):
    risk = RiskFactory(company=None, is_global=True)
    with scoping.scope([company.pk]):
        assert list(type(risk).objects.filter(pk=risk.pk)) == [risk]


def test_history_follows_the_scope(company, other_company):
    own, foreign = ProductFactory(company=company), ProductFactory(company=other_company)
    with scoping.scope([company.pk]):
        assert own.history.count() == 1
        assert foreign.history.count() == 0
        assert Product.history.count() == 1


def test_a_key_to_another_company_s_row_is_refused(company, other_company):
    foreign = PartnerFactory(company=other_company)
    product = ProductFactory(company=company)
    product.partner = foreign
    with scoping.scope([company.pk]), pytest.raises(Exception, match="n'existe pas"):
        product.full_clean()
