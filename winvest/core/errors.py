"""Typed errors of the business rules: a stable code, a French message, parameters.

Pure Python, so that rules, services and doors share them. A door (API, admin, import) turns
them into its own answer; nobody parses a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Problem(StrEnum):
    """Base of the error catalogues: `NAME = "stable.code", "Message en français ({param})."`."""

    message: str

    def __new__(cls, code: str, message: str = "") -> Self:
        """Keep the French message beside the code, which stays the value."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.message = message
        return member


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong: where (path), which code, and the French sentence."""

    code: str
    message: str
    path: str = ""


class DomainError(Exception):
    """A refusal with one or several reasons; `status` is the HTTP status of `design/api.md`."""

    status = 422

    def __init__(self, problem: Problem, *, path: str = "", **params: object) -> None:
        """Build the French sentence of `problem` with `params`; `path` names the field."""
        self.code = problem.value
        self.params = params
        self.reasons = [Reason(problem.value, problem.message.format(**params), path)]
        super().__init__(self.reasons[0].message)

    @classmethod
    def several(cls, problem: Problem, reasons: list[Reason]) -> Self:
        """Return one error that carries every reason at once (checks never stop at the first)."""
        error = cls(problem)
        error.reasons = reasons
        return error


class Invalid(DomainError):
    """Content that breaks a rule."""


def together(errors: Sequence[Invalid]) -> Invalid:
    """Return one refusal with the reasons of all, under the code of the first."""
    first = errors[0]
    first.reasons = [reason for error in errors for reason in error.reasons]
    return first


class Forbidden(DomainError):
    """The right is missing."""

    status = 403


class NotFound(DomainError):
    """The object does not exist for this user: unknown, or another company's."""

    status = 404


class Conflict(DomainError):
    """The state forbids it."""

    status = 409


class Unavailable(DomainError):
    """What it needs does not answer now: nothing was changed, and it may be tried again."""

    status = 503


class PreconditionFailed(DomainError):
    """The caller changes a state that is no longer the current one."""

    status = 412
