"""A catalogue manager of Action Prévoyance and his client."""

import pytest

from winvest.core.domain.roles import Role


@pytest.fixture
def user(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


@pytest.fixture
def client(api, user):
    return api(user)
