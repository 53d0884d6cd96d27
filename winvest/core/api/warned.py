"""Answers that also say what is accepted and yet doubtful (M-11, E.3-01)."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from winvest.core.api.resources import ResourceView, etag
from winvest.core.errors import Reason


class WarningSerializer(serializers.Serializer[object]):
    """Something to look at: it blocks nothing."""

    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class WarnedView(ResourceView):
    """A resource whose single answers carry `warnings`, which the `ETag` leaves out."""

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Return what is doubtful about the row that `body` shows."""
        raise NotImplementedError

    def answer(self, pk: UUID, status: int = 200) -> Response:
        """Return one row with its `ETag` and its warnings."""
        body = self.read(pk)
        warnings = [
            {"path": one.path, "code": one.code, "message": one.message}
            for one in self.warnings(body)
        ]
        headers = {"ETag": etag(body)}
        return Response({**body, "warnings": warnings}, status=status, headers=headers)
