"""Takes a disk out of a running machine's files, as pulling it out would: `unmount.py PID MAJOR:MINOR`.

A program of its own, for it enters the machine's mount namespace, where no program may be started: those are the
guest's. It uses nothing but Python's standard library.
"""

from __future__ import annotations

import ctypes
import os
import sys

NEW_MOUNTS = 0x00020000
DETACH = 0x2


def main(pid: str, device: str) -> None:
    with open(f"/proc/{pid}/mountinfo") as mounts:  # noqa: PTH123  # pathlib would be one more thing to load
        fields = [line.split() for line in mounts]
    places = [one[4].encode().decode("unicode_escape").encode("latin-1") for one in fields if one[2] == device]
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    # From here on nothing may be loaded: the files are the guest's.
    if not places or libc.setns(namespace, NEW_MOUNTS) != 0:
        os._exit(1 if places else 0)
    failed = [place for place in reversed(places) if libc.umount2(place, DETACH) != 0]
    os._exit(2 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
