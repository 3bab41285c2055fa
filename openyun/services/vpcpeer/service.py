"""VpcPeer 2022-01-01: connections between two VPCs, also of two accounts or regions.

A connection belongs to both of its ends, so it is kept at home, and each region has a copy of what it needs.
"""

from openyun.operation import Service

vpcpeer = Service(name="vpcpeer", product="VpcPeer", version="2022-01-01", title="VPC peering", is_global=True)
