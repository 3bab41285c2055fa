"""ResourceManager 2020-03-31: resource groups of an account, and the tree of a company's accounts."""

from openyun.errors import NoPermission
from openyun.operation import Service

resourcemanager = Service(
    name="resourcemanager",
    product="ResourceManager",
    version="2020-03-31",
    title="Resource Management",
    is_global=True,
    forbidden=NoPermission,
)
