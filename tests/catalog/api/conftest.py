"""Who writes the catalogue by the API, and a draft."""

import pytest

from catalog.choices import LifecycleStatus
from tests.factories import (
    ProductFactory,
    VersionFactory,
)
from winvest.core.domain.roles import Role


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.COMPANY_ADMIN, company))


@pytest.fixture
def draft(company):
    return VersionFactory(
        product=ProductFactory(company=company, lifecycle_status=LifecycleStatus.DRAFT)
    )
