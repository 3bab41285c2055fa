"""The MaxCompute service. Importing it declares its operations."""

from openyun.services.maxcompute.function import functions
from openyun.services.maxcompute.job import instances
from openyun.services.maxcompute.project import projects
from openyun.services.maxcompute.resource import resources
from openyun.services.maxcompute.schema import schemas
from openyun.services.maxcompute.service import odps
from openyun.services.maxcompute.table import partitions, tables
from openyun.services.maxcompute.tunnel import downloads, uploads

__all__ = [
    "downloads",
    "functions",
    "instances",
    "odps",
    "partitions",
    "projects",
    "resources",
    "schemas",
    "tables",
    "uploads",
]
