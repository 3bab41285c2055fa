"""Cbn 2017-09-12: Cloud Enterprise Networks of the basic edition, which join VPCs of all regions.

Every VPC of a CEN learns the routes to the vSwitches of all others. It is kept at home, and each region has a copy of
what it needs. RAM calls the product `cen`.
"""

from openyun.operation import Service

cbn = Service(name="cbn", product="Cbn", version="2017-09-12", title="Cloud Enterprise Network", is_global=True)
