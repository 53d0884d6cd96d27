"""Supervisor's configuration, as supervisor itself reads it."""

import pytest
from supervisor.options import ServerOptions

from deploy.local import launcher, postgres, supervision, valkey
from deploy.local.layout import ROOT
from deploy.local.supervision import SERVICES, WAITS, Program

STOP_LIMIT = 10


@pytest.fixture
def groups(where, monkeypatch):
    """The groups of programs, read from the file by supervisor."""
    monkeypatch.setenv("WINVEST_VAR", str(where.var))
    monkeypatch.chdir(ROOT)
    programs = [
        Program("postgres", postgres.command(where), SERVICES, "INT", at_once=True),
        Program("valkey", valkey.command(where), SERVICES, at_once=True),
        Program("odd", ["echo", "a b", "100 %", "it's"], SERVICES),
        *supervision.application(8123),
    ]
    path = where.run / "supervisor.conf"
    launcher.write_private(path, supervision.configuration(where, programs))
    options = ServerOptions()
    options.realize(["-c", str(path)])
    return {group.name: group for group in options.process_group_configs}


def program(groups, group, name):
    return next(one for one in groups[group].process_configs if one.name == name)


def test_web_and_beat_stop_first_and_the_databases_last(groups):
    by_priority = sorted(groups.values(), key=lambda group: group.priority)
    assert [group.name for group in by_priority] == ["services", "work", "front"]


def test_postgresql_is_stopped_by_the_signal_that_waits_for_nobody(groups):
    assert program(groups, "services", "postgres").stopsignal.name == "SIGINT"
    assert program(groups, "services", "postgres").autostart


def test_the_product_waits_for_its_database(groups):
    for group, name in (("front", "web"), ("front", "beat"), ("work", "worker")):
        assert not program(groups, group, name).autostart
        assert program(groups, group, name).autorestart


def test_the_port_is_the_one_chosen(groups):
    assert " --port 8123 " in program(groups, "front", "web").command


def test_any_character_of_a_command_survives(groups):
    assert program(groups, "services", "odd").command == "echo 'a b' '100 %' 'it'\"'\"'s'"


def test_the_slowest_stop_stays_below_ten_seconds():
    assert sum(WAITS.values()) < launcher.STOP < STOP_LIMIT
