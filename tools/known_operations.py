"""Lists the operations that the vendor's official SDKs know, for `openyun/gateway/known.py`.

A maintainer reruns it when the vendor has published new operations:

    python -m tools.known_operations                         # every product of PACKAGES
    python -m tools.known_operations alibabacloud-ecs20140526 ...   # only these; the others stay as they are

Packages are downloaded with pip and read as text; nothing of them is imported or installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "openyun" / "gateway" / "known_operations.txt"

PACKAGES = (
    "alibabacloud-actiontrail20200706",
    "alibabacloud-alb20200616",
    "alibabacloud-alidns20150109",
    "alibabacloud-bssopenapi20171214",
    "alibabacloud-cbn20170912",
    "alibabacloud-cdn20180510",
    "alibabacloud-cms20190101",
    "alibabacloud-config20200907",
    "alibabacloud-cr20181201",
    "alibabacloud-cs20151215",
    "alibabacloud-dds20151201",
    "alibabacloud-eci20180808",
    "alibabacloud-ecs20140526",
    "alibabacloud-ess20220222",
    "alibabacloud-fc20230330",
    "alibabacloud-ims20190815",
    "alibabacloud-kms20160120",
    "alibabacloud-location20150612",
    "alibabacloud-market20151101",
    "alibabacloud-maxcompute20220104",
    "alibabacloud-nas20170626",
    "alibabacloud-nlb20220430",
    "alibabacloud-oos20190601",
    "alibabacloud-polardb20170801",
    "alibabacloud-privatelink20200415",
    "alibabacloud-quotas20200510",
    "alibabacloud-r-kvstore20150101",
    "alibabacloud-ram20150501",
    "alibabacloud-rds20140815",
    "alibabacloud-resourcemanager20200331",
    "alibabacloud-ros20190910",
    "alibabacloud-slb20140515",
    "alibabacloud-sls20201230",
    "alibabacloud-sts20150401",
    "alibabacloud-tag20180828",
    "alibabacloud-vpc20160428",
    "alibabacloud-vpcpeer20220101",
)

# The three shapes in which the SDK generators of different years wrote down an operation.
PARAMS = re.compile(
    r"""Params\(\s*action\s*=\s*'(?P<action>\w+)',\s*version\s*=\s*'(?P<version>[\d-]+)'.*?style\s*=\s*'(?P<style>\w+)'""",
    re.DOTALL,
)
OLD_RPC = re.compile(r"do_rpcrequest\(\s*'(?P<action>\w+)',\s*'(?P<version>[\d-]+)'")
OLD_ROA = re.compile(r"do_roarequest_with_form\w*\(\s*'(?P<action>\w+)',\s*'(?P<version>[\d-]+)'")


def source(archive: Path) -> str:
    """The client module of a wheel or source distribution."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return "\n".join(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/client.py"))
    with tarfile.open(archive) as sdist:
        members = [sdist.extractfile(name) for name in sdist.getnames() if name.endswith("/client.py")]
        return "\n".join(member.read().decode() for member in members if member is not None)


def section(package: str, archive: Path) -> str:
    """One product: a head line `[product version style package release]`, then one operation a line."""
    product = re.sub(r"\d{8}$", "", package.removeprefix("alibabacloud-"))
    release = archive.name.split("-")[1].removesuffix(".tar.gz")
    text = source(archive)
    found = {(match["version"], match["style"], match["action"]) for match in PARAMS.finditer(text)}
    for pattern, style in ((OLD_RPC, "RPC"), (OLD_ROA, "ROA")):
        found |= {(match["version"], style, match["action"]) for match in pattern.finditer(text)}
    if not found:
        raise SystemExit(f"{package} {release}: no operation found; has the generator's output changed?")
    heads = sorted({(version, style) for version, style, _ in found})
    return "".join(
        f"[{product} {version} {style} {package} {release}]\n"
        + "".join(f"{action}\n" for action in sorted(action for v, s, action in found if (v, s) == (version, style)))
        for version, style in heads
    )


def kept(text: str, replaced: set[str]) -> dict[str, str]:
    """The sections of the present file by package, without those that are made anew."""
    sections: dict[str, str] = {}
    for part in re.split(r"(?m)^(?=\[)", text):
        if part.startswith("["):
            package = part.split("]")[0].split()[3]
            if package not in replaced:
                sections[package] = sections.get(package, "") + part
    return sections


def main(packages: list[str]) -> None:
    wanted = packages or list(PACKAGES)
    sections = kept(TARGET.read_text() if packages and TARGET.exists() else "", set(wanted))
    with tempfile.TemporaryDirectory() as folder:
        for package in wanted:
            target = Path(folder) / package
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(target), package],
                check=True,
            )
            sections[package] = section(package, next(target.iterdir()))
            print(package, sections[package].count("\n") - sections[package].count("["))
    TARGET.write_text("".join(sections[package] for package in sorted(sections)))


if __name__ == "__main__":
    main(sys.argv[1:])
