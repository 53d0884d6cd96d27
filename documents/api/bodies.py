"""Shapes of documents, brought and shown (names of Annexe A)."""

from typing import Any

from rest_framework import serializers

from catalog.choices import Channel
from documents.choices import DocumentState
from winvest.core.api.serializers import (
    DayField,
    IdField,
    OneOfField,
    StrictSerializer,
    TextField,
    YesNoField,
)

TITLE = 160


class ChannelsField(serializers.ListField):
    """Channels: a list, or in a form the same field once or several times."""

    def __init__(self, **options: Any) -> None:
        """Take the closed list of channels."""
        super().__init__(
            child=OneOfField(choices=Channel.choices),
            allow_empty=False,
            max_length=len(Channel),
            **options,
        )

    def to_internal_value(self, data: Any) -> Any:
        """Take one text as a list of one."""
        return super().to_internal_value([data] if isinstance(data, str) else data)


class UploadBody(StrictSerializer):
    """A form that brings a file; `replaces_id` names the document that it follows."""

    type = TextField(max_length=40, help_text="Code du type de document.")
    title = TextField(max_length=TITLE)
    file = serializers.FileField(help_text="PDF, image (PNG, JPEG, WebP) ou texte ; 25 Mo au plus.")
    mandatory = YesNoField(
        from_text=True,
        required=False,
        help_text="Par défaut, selon les documents exigés pour le risque.",
    )
    channels = ChannelsField(required=False, help_text="Tous par défaut.")
    valid_until = DayField(required=False, help_text="Dernier jour, au fuseau de la société.")
    replaces_id = IdField(required=False)
    file_hash = TextField(
        max_length=71,
        required=False,
        help_text="Empreinte attendue (`sha256:` et 64 chiffres hexadécimaux) : un fichier qui en a "
        "une autre est refusé.",
    )


class DocumentBody(StrictSerializer):
    """What changes in a document; its file never does."""

    title = TextField(max_length=TITLE, required=False)
    mandatory = YesNoField(required=False)
    channels = ChannelsField(required=False)
    valid_until = DayField(required=False, allow_null=True)


class DocumentSerializer(serializers.Serializer[object]):
    """A document; its file is under `documents/{id}/download`."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    replaces_id = serializers.UUIDField(allow_null=True)
    mandatory = serializers.BooleanField()
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices))
    valid_until = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=DocumentState.choices)
    published_at = serializers.DateTimeField(allow_null=True)
    file_hash = serializers.CharField(help_text="`sha256:` et 64 chiffres hexadécimaux.")
    file_name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="Octets.")
    pdfa = serializers.CharField(help_text="PDF/A que le fichier dit suivre (`2B`), vide sans.")
    author_email = serializers.EmailField(allow_null=True)
    created_at = serializers.DateTimeField()
