"""The VpcPeer service. Importing it declares its operations."""

from openyun.services.vpcpeer import connections, describing, errors, handshake, joining, records, tags
from openyun.services.vpcpeer.service import vpcpeer

__all__ = ["connections", "describing", "errors", "handshake", "joining", "records", "tags", "vpcpeer"]
