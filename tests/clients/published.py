"""What a test does that starts a container: it asks where a published port answers, and goes there."""

import socket
import sys
import time

from testcontainers.core.container import DockerContainer

SERVES = "while true; do echo served | nc -l -p 8080; done"


def first_line(host: str, port: int) -> str:
    """What is said there, once somebody does."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, port), timeout=2) as connection:
                line = connection.makefile().readline().strip()
            if line:
                return line
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"nobody answers at {host}:{port}")


container = DockerContainer("alpine:3.20").with_command(["sh", "-c", SERVES])
with container.with_exposed_ports(8080) as running:
    host = running.get_container_host_ip()
    answer = first_line(host, int(running.get_exposed_port(8080)))
    code, said = running.exec(["echo", "inside"])
    report = f"{host} {answer} {code} {said.decode().strip()}"
print(report)
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as file:
        file.write(report)
