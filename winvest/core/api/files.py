"""Views that hand over a file."""

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from winvest.core.api.views import ApiView


class FileView(ApiView):
    """A view whose answer is a file; its refusals are problems as everywhere."""

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002 - the framework's signature
    ) -> tuple[BaseRenderer, str]:
        """Hand over the file whatever type is asked for."""
        return super().perform_content_negotiation(request, force=True)
