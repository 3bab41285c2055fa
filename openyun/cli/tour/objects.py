"""OSS: an object there and back again, with its CRC-64 checked on the way."""

from __future__ import annotations

import os

from openyun.cli.tour.failed import Failed
from openyun.cli.tour.scene import Scene

KEY = "guided/tour.bin"
SIZE = 1024 * 1024


def store(scene: Scene) -> str:
    bucket, owner = scene.bucket(), scene.bucket(as_account=True)
    bucket.create_bucket()
    scene.undo.append(("bucket", owner.delete_bucket))
    scene.body = os.urandom(SIZE)
    put = bucket.put_object(KEY, scene.body)  # raises InconsistentError when the server's CRC-64 differs
    scene.undo.append(("object", lambda: owner.delete_object(KEY)))

    listed = [(one.key, one.size, one.etag) for one in bucket.list_objects(prefix="guided/").object_list]
    if listed != [(KEY, SIZE, put.etag)]:
        raise Failed(f"the listing shows {listed}")
    return f"{SIZE // 1024} KiB in {scene.name}/{KEY}, CRC-64 {read(scene)} on both sides"


def read(scene: Scene) -> int:
    """The CRC-64 that client and server agree on."""
    got = scene.bucket().get_object(KEY)
    if got.read() != scene.body:
        raise Failed(f"{KEY} is not what was put")
    if got.client_crc != got.server_crc:
        raise Failed(f"{KEY}: CRC-64 {got.client_crc} here, {got.server_crc} there")
    return int(got.client_crc)


def find(scene: Scene) -> str:
    return f"all {SIZE // 1024} KiB of it, CRC-64 {read(scene)}"
