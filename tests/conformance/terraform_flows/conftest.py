from __future__ import annotations

import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.terraform_flows.provider import Provider


@pytest.fixture
def provider(cloud: Cloud) -> Provider:
    return Provider(cloud)
