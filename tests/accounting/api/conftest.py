"""Who posts operations."""

import pytest


@pytest.fixture
def module(api, accountant):
    """Another module of the CRM, with the accountant's token."""
    return api(accountant)
