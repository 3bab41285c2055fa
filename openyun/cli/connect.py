"""yun connect"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading

import click


@click.command()
@click.argument("address")
@click.argument("port", type=click.IntRange(1, 65535))
def connect(address: str, port: int) -> None:
    """Join standard input and output to a port of an instance's public address.

    Where the cloud runs without root, its public addresses are not the host's; this reaches them all the same:

        ssh -o ProxyCommand='yun connect %h %p' root@198.18.0.4
    """
    from openyun.engine.drivers import namespace

    connection = namespace.on_host(lambda: socket.create_connection((address, port), timeout=30))
    connection.settimeout(None)
    threading.Thread(target=_send, args=(connection,), daemon=True).start()
    while piece := connection.recv(65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def _send(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := os.read(sys.stdin.fileno(), 65536):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
