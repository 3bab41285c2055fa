"""What only the operator of the cloud does to the spot market: sets a price, takes an instance back."""

from __future__ import annotations

import msgspec

from openyun.clock import random_text
from openyun.cloud import Cloud
from openyun.errors import InvalidParameter
from openyun.services.ecs.errors import InstanceNotFound
from openyun.services.ecs.instance import timeline
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.records import Instance, SpotPrice
from openyun.state import Transaction


class SpotOrder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Either what instances of a type cost in a zone from now on (None: what the curve says), or one to take back."""

    region_id: str
    zone_id: str = ""
    instance_type: str = ""
    price: float | None = None
    """an hour"""
    reclaim: str = ""
    """an instance's id"""


def carry_out(cloud: Cloud, order: SpotOrder) -> dict[str, str]:
    """Raises InvalidParameter, InstanceNotFound."""
    at = cloud.region(order.region_id)
    if order.reclaim:

        def take(state: Transaction) -> str:
            one = state.get(Instance, order.reclaim)
            if one is None or one.wanted == "Deleted" or one.spot_strategy == "NoSpot":
                raise InstanceNotFound(instance_id=order.reclaim)
            if not one.reclaim_at:
                timeline.reclaim(
                    state, one, cloud.clock.now(), lambda prefix: f"{prefix}-{at.region.id_code}{random_text(17)}"
                )
                state.put(one)
            return one.reclaim_at

        return {"instance_id": order.reclaim, "reclaim_at": at.store.write(take)}
    if at.region.zone(order.zone_id) is None or find_instance_type(order.instance_type) is None:
        raise InvalidParameter(parameter="zone_id or instance_type")

    def tell(state: Transaction) -> None:
        known = state.get(SpotPrice, order.zone_id, order.instance_type)
        if order.price is not None:
            state.put(SpotPrice(zone_id=order.zone_id, instance_type=order.instance_type, price=order.price))
        elif known is not None:
            state.delete(known)

    at.store.write(tell)
    return {"zone_id": order.zone_id, "instance_type": order.instance_type}
