"""What anybody reads without an account (C.3): the client portals, and nothing of the companies' own."""

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from winvest.core import scoping
from winvest.core.api.throttling import WINDOW_SECONDS, count
from winvest.core.api.views import ApiView
from winvest.core.clock import now
from winvest.core.domain.roles import Action

if TYPE_CHECKING:
    from rest_framework.views import APIView

READS_PER_MINUTE = 6_000


class PublicThrottle(BaseThrottle):
    """Limits what one address may read in a minute; behind a proxy, that is everybody."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count every request."""
        return count(f"public:{request.META.get('REMOTE_ADDR', '')}") <= READS_PER_MINUTE

    def wait(self) -> float:
        """Tell the seconds until the next window."""
        return WINDOW_SECONDS - now().timestamp() % WINDOW_SECONDS


class PublicView(ApiView):
    """A view without a caller: it asks for no right, heeds no token, and reads in every company.

    Its selector says what is public; a session or a token opens nothing more.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = [PublicThrottle]  # noqa: RUF012 - as in the framework

    def _open_scope(self, request: Request, action: Action) -> None:
        self._scope.enter_context(scoping.everything())

    def perform_authentication(self, request: Request) -> Any:
        """Look for nobody."""
