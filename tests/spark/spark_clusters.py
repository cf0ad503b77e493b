"""Clusters on the loopback interface, started from the scripts that pyspark brings."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
PATIENCE = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(name: str, command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A process of Spark in a group of its own, all of which ends with it."""
    env = {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        **environment,
    }
    with (log / f"{name}.log").open("wb") as file:
        process = subprocess.Popen(
            command, env=env, stdout=file, stderr=file, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(condition: object, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.2)


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """A master and two workers of a core each; the URL of the master."""
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    spark_class = str(HOME / "bin" / "spark-class")
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        address = ["--host", "127.0.0.1", "--webui-port", "0"]
        stack.enter_context(
            running(
                "master",
                [spark_class, f"{deploy}.master.Master", *address, "--port", str(port)],
                folder,
                SPARK_DAEMON_MEMORY="256m",
            )
        )
        wait_for(lambda: answers(port), "the master")
        for number in (1, 2):
            own = [*address, "--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work")]
            stack.enter_context(
                running(
                    f"worker-{number}",
                    [spark_class, f"{deploy}.worker.Worker", *own, url],
                    folder,
                    SPARK_DAEMON_MEMORY="256m",
                )
            )
        yield url


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """A Spark Connect server with two task slots; its URL."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
    }
    command = [str(HOME / "bin" / "spark-submit"), "--master", "local[2]"]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with running("connect", [*command, "--class", server, "spark-internal"], folder):
        wait_for(lambda: answers(port), "the Spark Connect server")
        yield f"sc://127.0.0.1:{port}"
