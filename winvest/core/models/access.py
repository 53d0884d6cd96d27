"""Users, their roles by company, and the hashed tokens of the API (§3.8, G.2)."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from winvest.core.choices import ROLE_CHOICES
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models.base import (
    CompanyOwnedModel,
    DatedModel,
    ScopedHistory,
    ScopedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled
from winvest.core.models.company import Company


class UserManager(BaseUserManager["User"]):
    """Users are found by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this e-mail address."""
        return self.get(email__iexact=username)

    def create_user(self, *, email: str, password: str, name: str) -> "User":
        """Create an active user without any right."""
        user = self.model(email=email.lower(), name=name)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user


class User(DatedModel, AbstractBaseUser, PermissionsMixin):
    """A person or a service account; rights come from memberships only."""

    email = models.EmailField("adresse e-mail", max_length=254, unique=True)
    name = models.CharField("nom", max_length=120)
    is_active = models.BooleanField("actif", default=True, db_default=True)
    is_service = models.BooleanField("compte de service", default=False, db_default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "app_user"
        verbose_name = "utilisateur"
        verbose_name_plural = "utilisateurs"
        ordering = ("name", "email")
        triggers = (audit(masked=("password",), ignored=("last_login", "updated_at")),)
        constraints = (
            filled("name", "Nom"),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email",
                violation_error_message="Un compte a déjà cette adresse.",
            ),
            # Nobody stands above the table of rights.
            models.CheckConstraint(
                condition=models.Q(is_superuser=False), name="user_no_superuser"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whoever may sign in may open the back-office; what he sees there is his rights' matter."""
        return self.is_active


class MembershipHistory(ScopedHistory):
    """Old states of memberships, read like the memberships."""

    class Meta:
        abstract = True


class Membership(ScopedModel, DatedModel):
    """A role of a user in a company; the group administrator's has no company (R-01)."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name="utilisateur"
    )
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="société",
    )
    role = models.CharField("rôle", max_length=20, choices=ROLE_CHOICES)

    history = history(bases=[MembershipHistory])

    log_title = ("{user}", "{role}")

    class Meta:
        db_table = "membership"
        verbose_name = "habilitation"
        verbose_name_plural = "habilitations"
        triggers = (
            audit(),
            no_truncate(),
        )
        constraints = (
            one_of("role", Role),
            models.UniqueConstraint(
                fields=("user", "company", "role"),
                nulls_distinct=False,
                name="membership_user_company_role",
                violation_error_message="Cette habilitation existe déjà.",
            ),
            models.UniqueConstraint(fields=("id", "company"), name="membership_id_company"),
            models.CheckConstraint(
                condition=models.Q(company__isnull=True, role=Role.GROUP_ADMIN)
                | (models.Q(company__isnull=False) & ~models.Q(role=Role.GROUP_ADMIN)),
                name="membership_group_admin_has_no_company",
                violation_error_message="Admin Groupe vaut pour le groupe, les autres rôles pour "
                "une société.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} : {self.get_role_display()}"


class MembershipRisk(CompanyOwnedModel):
    """A risk to whose family a membership is limited; without any, it holds for all (N-02).

    The risks belong to the catalogue, above: its migration adds the foreign key.
    """

    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        related_name="limits",
        verbose_name="habilitation",
    )
    risk_id = models.UUIDField("famille de risques")

    log_title = ("{membership}", "{risk_id}")
    keys_above = {"risk_id": "risk"}  # noqa: RUF012 - one per model

    class Meta:
        db_table = "membership_risk"
        verbose_name = "famille d'une habilitation"
        verbose_name_plural = "familles des habilitations"
        triggers = (audit(), no_truncate(), owner_from("membership", "membership_id"))
        constraints = (
            models.UniqueConstraint(
                fields=("membership", "risk_id"),
                name="membership_risk_once",
                violation_error_message="Cette famille figure déjà dans l'habilitation.",
            ),
        )

    def __str__(self) -> str:
        return str(self.risk_id)


def new_token() -> str:
    """Return a new token of 256 random bits, with the prefix that secret scanners look for."""
    return "wv_" + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token: 256 random bits need neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def holds(revoked_at: datetime | None, expires_at: datetime | None) -> bool:
    """Whether a token is neither revoked nor expired."""
    return revoked_at is None and (expires_at is None or expires_at > now())


class ApiToken(DatedModel):
    """A bearer token of the API: only its hash is kept, it is shown once."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="tokens", verbose_name="utilisateur"
    )
    name = models.CharField("nom", max_length=120)
    digest = models.CharField("empreinte", max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("expire le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        db_table = "api_token"
        verbose_name = "jeton d'API"
        verbose_name_plural = "jetons d'API"
        ordering = ("name",)
        triggers = (
            audit(masked=("digest",)),
            no_truncate(),
        )
        constraints = (filled("name", "Nom"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def draw(cls, *, user: User, name: str, **fields: Any) -> tuple["ApiToken", str]:
        """Return an unsaved token and its secret text, which nothing keeps."""
        secret = new_token()
        return cls(user=user, name=name, digest=hash_token(secret), **fields), secret

    @property
    def is_valid(self) -> bool:
        """Neither revoked nor expired."""
        return holds(self.revoked_at, self.expires_at)


class IdempotencyKey(DatedModel):
    """The answer given to a POST with an `Idempotency-Key`, kept to give it again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    # Action, company and risk of each right on which the answer rests: asked again with it.
    rights = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    class Meta:
        db_table = "idempotency_key"
        verbose_name = "clé d'idempotence"
        verbose_name_plural = "clés d'idempotence"
        constraints = (
            models.UniqueConstraint(fields=("user", "key"), name="idempotency_user_key"),
        )

    def __str__(self) -> str:
        return self.key
