"""What the person at the terminal reads."""

import sys


def say(text: str) -> None:
    """Write one line at once, whoever reads: a terminal, a pipe or a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write one line of error."""
    sys.stdout.flush()
    sys.stderr.write(f"Winvest : {text}\n")
    sys.stderr.flush()
