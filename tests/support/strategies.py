"""What property tests draw: amounts and rates of this field."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

# The machine is shared: how long one example takes says nothing about the rule.
relaxed = settings(deadline=None)

RATES = [Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")]

rates = st.sampled_from(RATES)
cents = st.decimals(0, 10**9, places=2)
signed_cents = st.decimals(-(10**9), 10**9, places=2)
currencies = st.sampled_from(["EUR", "XPF"])
amounts = st.decimals(0, 10**4, places=4)
