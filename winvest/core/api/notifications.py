"""What the caller was told, and what he has read of it (B.4, D.3, E.3)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core.api.problems import ApiProblem
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import ListQuery, OneOfField, StrictSerializer, YesNoField
from winvest.core.api.views import ApiView
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Action
from winvest.core.errors import NotFound
from winvest.core.selectors.notifications import notification_rows
from winvest.core.services.notifications import mark_done, mark_read

TAGS = ["Notifications"]


class NotificationQuery(ListQuery):
    """Filters of one's notifications."""

    unread = YesNoField(
        from_text=True, required=False, help_text="Seulement celles qui ne sont pas lues."
    )
    kind = OneOfField(choices=NotificationKind.choices, required=False)


class NotificationSerializer(serializers.Serializer[object]):
    """A notification; `target` is what it is about, by its kind of page and its id."""

    id = serializers.UUIDField()
    company_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NotificationKind.choices)
    title = serializers.CharField()
    text = serializers.CharField()
    target = serializers.CharField()
    target_id = serializers.UUIDField()
    read_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(
        allow_null=True, help_text="D'une communication : quand elle a été faite."
    )
    done_by_email = serializers.EmailField(allow_null=True, help_text="Par qui.")
    created_at = serializers.DateTimeField()


class NotificationList(ApiView):
    """One's own notifications."""

    actions: ClassVar[dict[str, Action]] = {"GET": Action.CATALOG_VIEW}

    @extend_schema(
        operation_id="notifications_list",
        summary="Mes notifications",
        description=(
            "Celles de l'appelant, par date : une notification disparaît avec le droit qui "
            "l'ouvrait."
        ),
        tags=TAGS,
        parameters=[NotificationQuery],
        responses=page_of(NotificationSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        query = self.parameters(NotificationQuery)
        rows = notification_rows(self.access)
        if "unread" in query:
            rows = rows.filter(read_at__isnull=query["unread"])
        if "kind" in query:
            rows = rows.filter(kind=query["kind"])
        return self.page(rows, ("created_at", "id"))


class NotificationRead(ApiView):
    """Reading one."""

    actions: ClassVar[dict[str, Action]] = {"POST": Action.CATALOG_VIEW}

    @extend_schema(
        operation_id="notifications_read",
        summary="Marquer une notification comme lue",
        description="La première lecture est datée ; relire ne change rien.",
        tags=TAGS,
        request=StrictSerializer,
        responses=NotificationSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Mark it as read: 404 for another person's."""
        rows: Any = notification_rows(self.access).filter(pk=id)
        if not rows.exists():
            raise NotFound(ApiProblem.NOT_FOUND)
        self.validated(StrictSerializer)
        mark_read(actor=self.user, ids=[id])
        return Response(rows.get())


class DoneBody(StrictSerializer):
    """Whether it is done."""

    done = serializers.BooleanField(default=True, help_text="Faux : elle est de nouveau à faire.")


class NotificationDone(ApiView):
    """Saying that a communication is done."""

    actions: ClassVar[dict[str, Action]] = {"POST": Action.CATALOG_VIEW}

    @extend_schema(
        operation_id="notifications_done",
        summary="Marquer une communication comme faite",
        description="Elle l'est pour tous ceux à qui elle est demandée ; la première fois compte.",
        tags=TAGS,
        request=DoneBody,
        responses=NotificationSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Mark it: 404 for another person's, and for what is no communication of one's own."""
        body = self.validated(DoneBody)
        mark_done(actor=self.user, notification=id, done=body["done"])
        return Response(notification_rows(self.access).get(pk=id))
