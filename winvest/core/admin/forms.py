"""Forms of the site itself."""

from typing import Any, ClassVar

from unfold.forms import AuthenticationForm

REFUSED = "Adresse e-mail ou mot de passe incorrect."


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Sign-in by e-mail; one message for every failure, so that nobody learns which accounts exist."""

    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": REFUSED,
        "inactive": REFUSED,
    }
