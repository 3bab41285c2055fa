"""Runs the tools that read what customers bring where they see nothing of the host but programs.

An image may name any file: links and names in its file system that lead out of it, a backing file of QCOW2. As root
such a tool would read and write that file of the host. Here its root holds the host's programs, which it cannot change,
and one folder.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from openyun.engine.drivers import tool

HERE = "/in"
"""the folder, as the tool sees it"""

_SCRIPT = """
mount -t tmpfs -o mode=755 none {root}
for name in bin sbin lib lib32 lib64 libx32 usr; do
    if [ -L /$name ]; then cp -d /$name {root}/
    elif [ -d /$name ]; then
        mkdir {root}/$name
        mount --bind /$name {root}/$name
        mount -o remount,bind,ro {root}/$name
    fi
done
mkdir {root}{here} {root}/tmp
mount --bind {folder} {root}{here}
exec chroot {root} {command}
"""


def run(folder: Path, *argv: str, timeout: float) -> str:
    """Its standard output. Raises EngineError when it fails."""
    root = folder / "confined"
    root.mkdir(mode=0o700, exist_ok=True)
    script = _SCRIPT.format(
        root=shlex.quote(str(root)), folder=shlex.quote(str(folder)), here=HERE, command=shlex.join(argv)
    )
    try:
        # The mounts are private to the shell, and end with it.
        return tool.run("unshare", "--mount", "--propagation", "private", "sh", "-ec", script, timeout=timeout)
    finally:
        root.rmdir()
