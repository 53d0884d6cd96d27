"""Passwords of the development machine, which are drawn and shown in a file."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class DrawnPasswordHasher(PBKDF2PasswordHasher):
    """A few rounds: a drawn password has 120 random bits, stretching protects the guessable ones.

    Django's own count would make the first start several seconds longer.
    """

    iterations = 10_000
