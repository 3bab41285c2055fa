"""Simple Log Service. Importing it declares its operations."""

from openyun.services import blob_names
from openyun.services.sls import batches, errors, indexes, log_group, log_stores, projects, searching
from openyun.services.sls.records import LogBatch
from openyun.services.sls.service import sls

blob_names.sources.append(
    lambda state, blob_ids: {one.blob_id for one in state.find(LogBatch, blob_id=blob_ids)},
)

__all__ = ["batches", "errors", "indexes", "log_group", "log_stores", "projects", "searching", "sls"]
