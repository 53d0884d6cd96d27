"""A catalogue manager of Action Prévoyance who brings prices back."""

import pytest

from tests.support.imports import Importer
from winvest.core.domain.roles import Role


@pytest.fixture
def importer(user_with, browser_as, company):
    """Return a function that gives an importer of AP with a role (none: catalogue manager)."""

    def make(role=Role.CATALOG_MANAGER):
        user = user_with(role, *([] if role is Role.GROUP_ADMIN else [company]))
        return Importer(browser_as(user), user, company)

    return make
