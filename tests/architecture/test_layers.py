"""The house rules that a program can check: who imports whom, how long a file is, what a declaration must say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openyun.main import SERVICES
from openyun.operation import Operation

ROOT = Path(__file__).parents[2]
CODE = ROOT / "openyun"
FILES = sorted(CODE.rglob("*.py"))

LAYERS = (
    {"errors", "clock", "region", "config", "metrics", "state", "engine"},
    {"access"},
    {"cloud", "operation", "once", "usage"},
    {"services"},
    {"gateway", "reconcile", "housekeeping"},
    {"main", "accounts", "console", "cli"},
)
"""low to high: a module may import its own layer and those below"""

WHOLE_PROJECT = {"__init__", "__main__"}
"""the version, which anyone may ask for, and the door"""

LONGEST = 500


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything of ours that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name.split(".")[0] == "openyun":
                    yield node.lineno, one.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            if node.module and node.module.split(".")[0] == "openyun":
                for one in node.names:
                    yield node.lineno, f"{node.module}.{one.name}"


def layer_of(module: str) -> int | None:
    part = module.partition(".")[2].partition(".")[0]
    return next((level for level, names in enumerate(LAYERS) if part in names), None)


def test_every_module_has_a_layer() -> None:
    parts = {path.relative_to(CODE).parts[0].removesuffix(".py") for path in FILES} - WHOLE_PROJECT
    assert parts <= set().union(*LAYERS), "a new part of the project needs a place in LAYERS"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    here = layer_of(module_of(path))
    if here is None:
        return
    for line, name in imports_of(path):
        there = layer_of(name)
        assert there is None or there <= here, f"{path}:{line} imports {name}, which is a layer above it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_service_uses_of_another_only_what_that_makes_public(path: Path) -> None:
    """A service's package says by `__all__` what others may use of it: names, or modules with all they have."""
    parts = module_of(path).split(".")
    if parts[1:2] != ["services"] or len(parts) < 3:
        return
    for line, name in imports_of(path):
        there = name.split(".")
        is_package = len(there) > 2 and there[1] == "services" and (CODE / "services" / there[2]).is_dir()
        if not is_package or there[2] == parts[2]:
            continue
        public = public_names(CODE / "services" / there[2] / "__init__.py")
        assert there[3] in public, f"{path}:{line} uses {name}, which its package does not make public"


def public_names(path: Path) -> set[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets
        ):
            return set(ast.literal_eval(node.value))
    return set()


def test_the_engine_protocols_know_no_driver() -> None:
    for path in (CODE / "engine").glob("*.py"):
        for line, name in imports_of(path):
            assert not name.startswith("openyun.engine.drivers"), f"{path}:{line} imports {name}"


def test_the_state_interface_knows_no_driver_before_it_opens_one() -> None:
    """So a laptop needs no PostgreSQL client."""
    for name in ("__init__.py", "store.py", "record.py", "sql.py"):
        for node in ast.parse((CODE / "state" / name).read_text()).body:
            text = ast.unparse(node) if isinstance(node, ast.Import | ast.ImportFrom) else ""
            assert "postgresql" not in text
            assert "sqlite" not in text


def sources() -> list[Path]:
    folders = ("openyun", "tests", "bench", "tools")
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def test_no_file_is_long() -> None:
    long = {str(path.relative_to(ROOT)): n for path in sources() if (n := path.read_text().count("\n")) > LONGEST}
    assert long == {}


def test_one_noun_a_file() -> None:
    """Files named for nothing gather everything."""
    shapeless = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "models"}
    assert [str(path) for path in FILES if path.stem in shapeless] == []


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")


def test_nothing_is_left_for_later() -> None:
    found = {str(path) for path in FILES if UNFINISHED.search(path.read_text())}
    assert found == set()


SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa)(?P<rest>.*)$", re.MULTILINE)


def test_every_silenced_warning_says_why() -> None:
    """`# noqa: S311  # spreads retries, no secret`: words follow the code."""
    for path in FILES:
        for match in SUPPRESSION.finditer(path.read_text()):
            assert re.search(r"\s[a-z]+ ", match["rest"]), f"{path}: {match[0]}"


PLACES = re.compile(r"/(work|home|Users)/\w|127\.0\.0\.1:\d{4,5}/(simple|npm)|pypi\.org|registry\.npmjs")


def tracked_texts() -> Iterator[tuple[str, str]]:
    names = ("*.py", "*.md", "*.toml", "*.sh", "*.txt", "*.yml", "Makefile", ".ci/*", "*.mjs", "*.js")
    skipped = {".venv", ".git", "node_modules", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    for name in names:
        for path in ROOT.rglob(name):
            relative = path.relative_to(ROOT)
            if path.is_file() and not skipped & set(relative.parts):
                yield str(relative), path.read_text()


def test_nothing_tells_of_the_machine_it_was_written_on() -> None:
    for name, text in tracked_texts():
        if name == "tests/architecture/test_layers.py":
            continue
        found = PLACES.search(text)
        assert found is None, f"{name}: {found}"


OPERATIONS = [one for service in SERVICES for one in service.operations.values()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.action)
def test_what_authorization_asks_for_can_be_read_from_the_request(operation: Operation) -> None:
    fields = set(dir(operation.request))  # its fields, and what it works out of them
    for template in (*operation.resources, *operation.also):
        named = set(re.findall(r"{(\w+)(?: or caller)?}", template))
        assert named <= fields, f"{operation.action} has no field {named - fields}"
    if operation.service.style == "ROA":
        assert set(re.findall(r"{(\w+)}", operation.path)) <= fields


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_a_service_declares_itself_whole(service: object) -> None:
    assert getattr(service, "operations", {}), "importing the package must declare the operations"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", getattr(service, "version", ""))
