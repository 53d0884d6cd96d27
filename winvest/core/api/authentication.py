"""Who calls the API: a bearer token (§3.8), or the signed-in user of the browser."""

from django.http import HttpRequest
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request

from winvest.core.api.throttling import FAILURES_PER_MINUTE, WINDOW_SECONDS, count
from winvest.core.models import ApiToken, User
from winvest.core.models.access import hash_token
from winvest.core.selectors.callers import read_token

REALM = 'Bearer realm="Winvest"'


def token_digest(request: HttpRequest | Request) -> str | None:
    """Return the hash of the token that a request brings, None when it brings none."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return hash_token(secret.strip()) if scheme.lower() == "bearer" else None


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer wv_…`: one query by the token's hash."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's user, None when another scheme or none is used.

        An unknown, revoked or expired token and an inactive account are told apart by nobody.
        """
        digest = token_digest(request)
        if digest is None:
            return None
        token = self.read_token(digest)
        if token is None or not token.is_valid or not token.user.is_active:
            raise self._refusal(request)
        return token.user, token

    def read_token(self, digest: str) -> ApiToken | None:
        """Return the token of this hash with its user."""
        return ApiToken.objects.select_related("user").filter(digest=digest).first()

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in the 401 answer."""
        return REALM

    def _refusal(self, request: Request) -> AuthenticationFailed | Throttled:
        # Behind a proxy every client shares the address: the limit only spares the database.
        address = request.META.get("REMOTE_ADDR", "")
        if count(f"failed:{address}") > FAILURES_PER_MINUTE:
            return Throttled(wait=WINDOW_SECONDS)
        return AuthenticationFailed(
            "Le jeton est inconnu, expiré ou révoqué.", code="authentication_failed"
        )


class PreparedBearerAuthentication(BearerAuthentication):
    """The same for the hot path: token, user and rights in one prepared statement."""

    def read_token(self, digest: str) -> ApiToken | None:
        """Return the token of this hash with its user, whose rights are read."""
        return read_token(digest)


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the back-office; CSRF is checked."""

    def enforce_csrf(self, request: Request) -> None:
        """Say the refusal in French."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied("Le jeton CSRF manque ou n'est pas le bon.", "csrf") from error
