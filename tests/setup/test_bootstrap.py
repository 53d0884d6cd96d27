"""From a bare machine: the messages of the first commands."""

import os
import subprocess

import pytest

from deploy.local import bootstrap
from deploy.local.layout import ROOT


@pytest.fixture
def path_with_old_python(tmp_path):
    """A PATH whose only Python answers as one older than 3.11 does."""
    for name in ("bash", "dirname", "env"):
        found = subprocess.run(["which", name], capture_output=True, text=True, check=True)
        (tmp_path / name).symlink_to(found.stdout.strip())
    old = tmp_path / "python3"
    old.write_text("#!/usr/bin/env bash\nexit 1\n")
    old.chmod(0o755)
    return str(tmp_path)


def test_an_old_python_is_one_line(path_with_old_python):
    done = subprocess.run(
        [ROOT / "deploy" / "local" / "start", "run"],
        env={"PATH": path_with_old_python},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Winvest : Python 3.11 ou plus récent est nécessaire")
    assert done.stderr.count("\n") == 1


def test_make_alone_lists_the_commands():
    # Without the variables that an outer make, which may run this test, leaves.
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    names = [line.split()[1] for line in done.stdout.splitlines()]
    assert names == [
        *(
            "help",
            "run",
            "demo-large",
            "test",
            "coverage",
            "bench",
            "images",
            "check",
            "requirements",
            "lock",
        ),
    ]


@pytest.mark.parametrize(
    ("output", "words", "damaged"),
    [
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by "
            "'NewConnectionError(... [Errno -3] Temporary failure in name resolution)': /x/\n"
            "ERROR: No matching distribution found for amqp==5.4.2",
            "le dépôt de paquets Python est injoignable",
            False,
        ),
        (
            "ERROR: Could not install packages due to an OSError: "
            "[Errno 28] No space left on device",
            "plus d'espace disque",
            False,
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "le détail est dans",
            True,
        ),
    ],
)
def test_what_pip_writes_becomes_one_line(output, words, damaged):
    problem = bootstrap.problem_of(output)
    assert words in problem.text
    assert "\n" not in problem.text
    assert problem.damaged is damaged
