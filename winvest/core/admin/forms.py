"""Forms of the site itself."""

from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Sign-in by e-mail; one message for every failure, so that nobody learns which accounts exist."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("Adresse e-mail ou mot de passe incorrect."),
        "inactive": _("Adresse e-mail ou mot de passe incorrect."),
    }
