"""The locks follow from the lists beside them."""

import shutil

import pytest

from deploy.local import locks
from deploy.local.checks import lock_problems
from deploy.local.layout import ROOT


@pytest.fixture
def copy(tmp_path):
    """The lists and the locks, free to be changed."""
    shutil.copytree(ROOT / locks.FOLDER, tmp_path / locks.FOLDER)
    return tmp_path


def change(copy, name, old, new):
    path = copy / locks.FOLDER / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_repository_is_consistent():
    assert list(lock_problems()) == []


def test_a_new_package_without_lock_is_found(copy):
    change(copy, "run.in", "celery\n", "celery\nflask\n")
    assert "flask" in next(locks.stale(locks.read(copy, "run")))


def test_a_removed_package_still_locked_is_found(copy):
    change(copy, "develop.in", "hypothesis\n", "")
    assert "hypothesis" in next(locks.stale(locks.read(copy, "develop")))


def test_another_exact_version_is_found(copy):
    change(copy, "run.in", "django-unfold == 0.91.0", "django-unfold == 0.92.0")
    assert "django-unfold" in next(locks.stale(locks.read(copy, "run")))


def test_a_pin_that_differs_between_the_locks_is_found(copy):
    change(copy, "develop.lock", "celery==", "celery==9")
    run, develop = locks.read(copy, "run"), locks.read(copy, "develop")
    assert "celery" in next(locks.disagreements(run, develop))


def test_the_locks_name_no_package_index():
    for name in locks.NAMES:
        assert "://" not in (ROOT / locks.FOLDER / f"{name}.lock").read_text()
