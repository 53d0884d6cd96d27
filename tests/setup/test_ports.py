"""The web server's port: the first free one, never the same for two checkouts."""

import socket

import pytest

from deploy.local.errors import SetupError
from deploy.local.ports import HOST, TRIED, is_free, reserve_port


@pytest.fixture
def listening():
    """A server on some port of 127.0.0.1."""
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_passed_over(listening):
    reserved = reserve_port(listening)
    with reserved.guard:
        assert listening < reserved.number < listening + TRIED


def test_a_port_that_another_checkout_is_about_to_use_is_passed_over(listening):
    first = reserve_port(listening)
    second = reserve_port(listening)
    with first.guard, second.guard:
        assert first.number < second.number


def test_a_reservation_ends_with_its_holder(listening):
    first = reserve_port(listening)
    first.guard.close()
    second = reserve_port(listening)
    with second.guard:
        assert second.number == first.number


def test_a_port_is_free_again_once_its_server_has_left(listening):
    assert not is_free(listening)
    reserved = reserve_port(listening)
    with reserved.guard, socket.socket() as server:
        server.bind((HOST, reserved.number))
        server.listen()
        assert not is_free(reserved.number)
    assert is_free(reserved.number)


def test_no_free_port_is_said(monkeypatch):
    monkeypatch.setattr("deploy.local.ports.is_free", lambda _number: False)
    with pytest.raises(SetupError, match="aucun port libre entre 8000 et 8099"):
        reserve_port()
