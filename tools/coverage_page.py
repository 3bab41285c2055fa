"""Writes what this cloud implements of what the vendor's official SDKs know."""

from __future__ import annotations

from collections.abc import Iterable

from openyun.gateway.known import Product, products
from openyun.operation import Service
from tools.compare_models import compare
from tools.sdk_models import Package, installed

GENERATED = "<!-- Generated from the code by tools.reference; edit the code, then run it again. -->\n"


def coverage_page(services: Iterable[Service]) -> str:
    """Products, with the operations implemented and missing of each."""
    by_api = {(service.name, service.version): service for service in services}
    rows, details = [], []
    for product in sorted(products(), key=lambda one: (one.name, one.version)):
        service = by_api.pop((product.name, product.version), None)
        have = sorted(product.operations & set(service.operations)) if service else []
        title = service.product if service else product.name
        link = f"[{title}](#{_anchor(title, product.version)})" if have else title
        rows.append(f"| {link} | {product.version} | {len(have)} | {len(product.operations)} |")
        if service and have:
            details.append(_product(service, product, have))
    for service in sorted(by_api.values(), key=lambda one: one.name):
        title = f"[{service.product}](#{_anchor(service.product, service.version)})"
        rows.append(f"| {title} | {service.version} | {len(service.operations)} | |")
        details.append(_heading(service) + _names("Implemented", sorted(service.operations)))
    return (
        f"{GENERATED}\n# Coverage\n\n"
        "Operations that OpenYun implements, of those that Alibaba Cloud's official SDKs know. An operation that is "
        "missing here answers `OperationNotImplemented`; a name that nobody knows answers `InvalidAction.NotFound`. "
        "A product without a number in the last column has no SDK that lists its operations.\n\n"
        "| Product | Version | Implemented | Known |\n|---|---|---:|---:|\n"
        + "\n".join(rows)
        + "\n\n"
        + "\n".join(details)
    )


def _product(service: Service, product: Product, have: list[str]) -> str:
    missing = sorted(product.operations - set(have))
    own = sorted(set(service.operations) - product.operations)
    return (
        _heading(service)
        + f"{len(have)} of the {len(product.operations)} operations of {product.package} {product.release}.\n\n"
        + _names("Implemented", have)
        + _names("Implemented, though the SDK does not list them", own)
        + _names("Missing", missing)
    )


def _heading(service: Service) -> str:
    return f"## {service.product} {service.version}\n\n"


def _names(title: str, names: list[str]) -> str:
    return f"**{title}:** {', '.join(names)}\n\n" if names else ""


def _anchor(product: str, version: str) -> str:
    return f"{product} {version}".lower().replace(" ", "-")


def package_of(service: Service) -> Package | None:
    """The official SDK of the service's API, if it is installed here."""
    return installed(f"alibabacloud_{service.name.replace('-', '_')}{service.version.replace('-', '')}")


def releases(services: Iterable[Service]) -> str:
    """The releases of the SDKs that the fields page is made from."""
    packages = [package_of(service) for service in services]
    return ", ".join(sorted(f"{package.name} {package.release}" for package in packages if package))


def fields_page(services: Iterable[Service]) -> str:
    """Response fields that the SDK's models have and our answers never carry."""
    services = sorted(services, key=lambda one: one.name)
    parts = []
    for service in services:
        package = package_of(service)
        if package is None:
            continue
        compared = sorted(compare(service, package).items())
        lines = [f"- {name}: {', '.join(f'`{path}`' for path in one.missing)}" for name, one in compared if one.missing]
        if lines:
            parts.append(_heading(service) + "\n".join(lines) + "\n")
    return (
        f"{GENERATED}\n# Fields that answers lack\n\n"
        "Response fields that the models of the official SDKs have, and that OpenYun never answers. A client sees them "
        f"unset. Compared with {releases(services)}.\n\n" + "\n".join(parts)
    )
