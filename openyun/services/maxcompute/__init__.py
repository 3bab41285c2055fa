"""The MaxCompute service. Importing it declares its operations."""

from openyun.services import blob_names
from openyun.services.maxcompute.function import functions
from openyun.services.maxcompute.job import instances
from openyun.services.maxcompute.project import projects
from openyun.services.maxcompute.resource import resources
from openyun.services.maxcompute.schema import schemas
from openyun.services.maxcompute.service import odps
from openyun.services.maxcompute.table import files, partitions, tables
from openyun.services.maxcompute.tunnel import downloads, uploads

blob_names.sources.append(files.named)

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
