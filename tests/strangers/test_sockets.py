"""What Spark listens on executes nothing that it is sent by a stranger."""

import os
import socket
from contextlib import suppress

import pytest
from pyspark.sql import SparkSession

from tests.strangers.sockets import Listener, listeners

WRONG = b"not the secret"


def ask(port: int, request: bytes) -> bytes:
    """Return what a port answers until it closes the connection or falls silent."""
    answer = b""
    stranger = socket.create_connection(("127.0.0.1", port), timeout=2)
    with stranger, suppress(ConnectionError, TimeoutError):
        stranger.sendall(request)
        while part := stranger.recv(1000):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_the_test_knows_loopback(address: str, loopback: bool) -> None:
    assert Listener("", address, 1).is_on_loopback() is loopback


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_the_test_sees_what_listens(address: str) -> None:
    with socket.create_server((address, 0)) as server:
        seen = {(found.address, found.port) for found in listeners(os.getpid())}
        assert server.getsockname() in seen


def test_the_gateway_into_the_jvm_wants_its_token(spark: SparkSession) -> None:
    gateway = spark.sparkContext._gateway.gateway_parameters
    command = b"c\nz:java.lang.Math\nabs\ni-7\ne\n"
    token = f"A\n{gateway.auth_token}\n".encode()
    assert b"!yi7" in ask(gateway.port, token + command)
    for stranger in (command, b"A\nnot the token\n" + command):
        assert b"!y" not in ask(gateway.port, stranger)


def test_the_drivers_port_wants_sparks_secret(spark: SparkSession) -> None:
    security = spark.sparkContext._jvm.org.apache.spark.SparkEnv.get().securityManager()
    assert security.isAuthenticationEnabled()
    assert len(security.getSecretKey()) >= 32


def test_sparks_own_pages_stop_nothing(spark: SparkSession) -> None:
    """A page of another site could ask for it: a GET without a token is enough."""
    assert spark.sparkContext.getConf().get("spark.ui.killEnabled") == "false"


def test_a_python_worker_wants_its_secret(spark: SparkSession) -> None:
    spark.sparkContext.parallelize([1], 1).map(str).collect()
    daemons = [found for found in listeners(os.getpid()) if " -m bank_spark_dl" in found.program]
    assert daemons
    for daemon in daemons:
        answer = ask(daemon.port, len(WRONG).to_bytes(4, "big") + WRONG)
        assert answer[4:] == b"\x00\x00\x00\x03err"  # after the worker's process id
