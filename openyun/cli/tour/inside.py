"""Inside the instances: Cloud Assistant and SSH."""

from __future__ import annotations

import base64
import shlex
import shutil
import subprocess
import sys
import time

from openyun.cli.tour import sdks
from openyun.cli.tour.failed import Failed
from openyun.cli.tour.scene import LONGEST_WAIT, Place, Scene, wait
from openyun.engine.drivers.place import ROOTLESS

SCRIPT = """\
#!/bin/sh
. /etc/os-release
echo "$(hostname) runs $PRETTY_NAME; its metadata service calls it" \\
    "$(curl -s http://100.100.100.200/latest/meta-data/instance-id)"
"""


def run_command(scene: Scene) -> str:
    said = [_run(scene, place) for place in scene.places]
    return "\n".join(said)


def log_in(scene: Scene) -> str:
    said = []
    for place in scene.places:
        answer = ssh(scene, place, f"echo {scene.name} > /root/tour && echo $(whoami)@$(hostname) && {FIRST_PROCESS}")
        who, place.first_process = answer.splitlines()
        said.append(f"{who} at {place.public_address}")
    return "; ".join(said)


FIRST_PROCESS = "cut -d ' ' -f 22 /proc/1/stat"
"""when the first process began: it changes with every boot"""


def ssh(scene: Scene, place: Place, command: str) -> str:
    """What the command writes. The host key seen first must stay the same for the whole tour."""
    program = shutil.which("ssh")
    if program is None:
        raise Failed("the OpenSSH client is not installed; get it with: apt-get install openssh-client")
    known_hosts = scene.folder / f"{place.region}.known_hosts"
    options = {
        "IdentityFile": place.private_key,
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes" if known_hosts.exists() else "accept-new",
        "BatchMode": "yes",
        "ConnectTimeout": 5,
        "LogLevel": "ERROR",
    }
    if ROOTLESS:
        options["ProxyCommand"] = shlex.join([sys.executable, "-m", "openyun", "connect", "%h", "%p"])
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        done = subprocess.run(
            [program, "-F", "none", *settings, f"root@{place.public_address}", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_WAIT,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.strip()
        # 255 is SSH's own failure: the instance may still be starting its SSH server.
        if done.returncode != 255 or time.monotonic() > deadline:
            raise Failed(f"ssh root@{place.public_address} ended with {done.returncode}: {done.stderr.strip()}")
        time.sleep(0.1)


def _run(scene: Scene, place: Place) -> str:
    ecs, models = scene.ecs(place), sdks.ecs().models
    started = ecs.run_command(
        models.RunCommandRequest(
            region_id=place.region,
            name=scene.name,
            type="RunShellScript",
            content_encoding="Base64",
            command_content=base64.b64encode(SCRIPT.encode()).decode(),
            instance_id=[place.instance_id],
            timeout=60,
        )
    ).body
    asked = models.DescribeInvocationResultsRequest(
        region_id=place.region, invoke_id=started.invoke_id, content_encoding="PlainText"
    )

    result = wait(
        f"command {started.invoke_id}",
        lambda: ecs.describe_invocation_results(asked).body.invocation.invocation_results.invocation_result[0],
        lambda one: one.invocation_status not in ("Pending", "Running"),
    )
    output = (result.output or "").strip()
    if result.invocation_status != "Success" or place.instance_id not in output:
        raise Failed(f"{place.instance_id}: {result.invocation_status} {result.error_info or ''} {output!r}")
    return output
