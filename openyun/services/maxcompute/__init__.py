"""The MaxCompute service. Importing it declares its operations."""

from openyun.services.maxcompute.job import instances
from openyun.services.maxcompute.project import projects
from openyun.services.maxcompute.schema import schemas
from openyun.services.maxcompute.service import odps
from openyun.services.maxcompute.table import partitions, tables
from openyun.services.maxcompute.tunnel import downloads, uploads

__all__ = ["downloads", "instances", "odps", "partitions", "projects", "schemas", "tables", "uploads"]
