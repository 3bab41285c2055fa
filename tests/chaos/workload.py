"""A customer who makes, changes and deletes things at random, and remembers what was promised."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter
from typing import Any

import oss2
import requests

from tests.chaos.ledger import Key, Ledger, Refusal, Unanswered
from tests.protocol.wire import Answer, Wire

REGION, ZONE = "cn-hangzhou", "cn-hangzhou-h"
VPC, ECS, RAM = "2016-04-28", "2014-05-26", "2015-05-01"


class Customer:
    def __init__(self, wire: Wire, bucket: oss2.Bucket) -> None:
        self.wire = wire
        self.bucket = bucket

    def ask(self, version: str, action: str, given: dict[str, str]) -> dict[str, Any]:
        """Raises Unanswered, Refusal. A server error is neither: it fails the test."""
        wire = self.wire.but(version=version)
        parameters = {"RegionId": REGION, **given}
        try:
            answer: Answer = wire.v1_form(action, **parameters)
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered from problem
        assert answer.status < 500, answer.body
        if answer.status != 200:
            raise Refusal(answer.code)
        return answer.fields

    def all(self, version: str, action: str, path: str, given: dict[str, str]) -> list[dict[str, Any]]:
        """Every item of a list that is paged by number."""
        items: list[dict[str, Any]] = []
        for page in range(1, 100):
            answer = self.ask(version, action, {"PageNumber": str(page), "PageSize": "50", **given})
            some = answer
            for step in path.split("."):
                some = some[step]
            items += some  # type: ignore[arg-type]  # the last step is a list
            if len(items) >= answer["TotalCount"]:
                return items
        raise AssertionError("a list without end")

    def put(self, name: str, body: bytes | None) -> None:
        try:
            if body is None:
                self.bucket.delete_object(name)
            else:
                self.bucket.put_object(name, body)
        except (oss2.exceptions.RequestError, requests.RequestException) as problem:
            raise Unanswered from problem
        except oss2.exceptions.ServerError as problem:
            if problem.status >= 500:
                raise
            raise Refusal(problem.code) from problem


class Place:
    """Where the instances go; made before anything is killed."""

    def __init__(self, customer: Customer) -> None:
        self.vpc_id = customer.ask(VPC, "CreateVpc", {"VpcName": "place", "CidrBlock": "10.0.0.0/8"})["VpcId"]
        _until(lambda: customer.ask(VPC, "DescribeVpcAttribute", {"VpcId": self.vpc_id})["Status"] == "Available")
        switch = {"VpcId": self.vpc_id, "ZoneId": ZONE, "CidrBlock": "10.1.0.0/24", "VSwitchName": "place"}
        self.v_switch_id = customer.ask(VPC, "CreateVSwitch", switch)["VSwitchId"]
        look = {"VSwitchId": self.v_switch_id}
        _until(lambda: customer.ask(VPC, "DescribeVSwitchAttributes", look)["Status"] == "Available")
        group = {"VpcId": self.vpc_id, "SecurityGroupName": "place"}
        self.group_id = customer.ask(ECS, "CreateSecurityGroup", group)["SecurityGroupId"]


def _until(done: Any) -> None:
    for _ in range(2000):
        if done():
            return
    raise AssertionError("it never came about")


class Worker:
    """One thread of the customer's, with names of its own."""

    def __init__(self, name: str, customer: Customer, place: Place, ledger: Ledger, dice: random.Random) -> None:
        self._name, self._customer, self._place, self._ledger, self._dice = name, customer, place, ledger, dice
        self._ids: dict[Key, list[str]] = {}
        self._made = 0
        self._deeds = [
            (self.create_vpc, 3), (self.create_v_switch, 3), (self.tag_vpc, 3), (self.delete_vpc, 2),
            (self.create_group, 2), (self.run_instances, 5), (self.stop_instance, 2), (self.delete_instances, 2),
            (self.put_object, 6), (self.delete_object, 2), (self.create_user, 2), (self.delete_user, 1),
        ]  # fmt: skip

    def step(self) -> None:
        deeds, weights = zip(*self._deeds, strict=True)
        self._dice.choices(deeds, weights)[0]()

    def _new(self) -> str:
        self._made += 1
        return f"{self._name}-{self._made}"

    def _old(self, kind: str) -> str | None:
        """A thing of ours that is surely there, and whose id we were told."""
        known = [name for name in self._ledger.certain(kind, self._name) if (kind, name) in self._ids]
        return self._dice.choice(known) if known else None

    def _ask(self, version: str, action: str, **given: str) -> dict[str, Any]:
        return self._customer.ask(version, action, {name.replace("_", "."): value for name, value in given.items()})

    def create_vpc(self) -> None:
        name = self._new()
        with self._ledger.change("there", ("vpc", name)):
            made = self._ask(VPC, "CreateVpc", VpcName=name, CidrBlock="192.168.0.0/16")
            self._ids["vpc", name] = [made["VpcId"]]

    def create_v_switch(self) -> None:
        if (vpc := self._old("vpc")) is None:
            return self.create_vpc()
        # All the same CIDR: of the vSwitches in one VPC only one may ever be.
        with self._ledger.change("there", ("v_switch", vpc)):
            vpc_id = self._ids["vpc", vpc][0]
            self._ask(VPC, "CreateVSwitch", VpcId=vpc_id, ZoneId=ZONE, CidrBlock="192.168.0.0/24", VSwitchName=vpc)
        return None

    def tag_vpc(self) -> None:
        if (vpc := self._old("vpc")) is None:
            return
        value = self._new()
        with self._ledger.change(value, ("tag", vpc)):
            self._ask(
                VPC,
                "TagResources",
                ResourceType="VPC",
                ResourceId_1=self._ids["vpc", vpc][0],
                Tag_1_Key="last",
                Tag_1_Value=value,
            )

    def delete_vpc(self) -> None:
        if (vpc := self._old("vpc")) is None or ("v_switch", vpc) in self._ledger.possible:
            return
        with self._ledger.change(None, ("vpc", vpc), ("tag", vpc)):
            self._ask(VPC, "DeleteVpc", VpcId=self._ids["vpc", vpc][0])

    def create_group(self) -> None:
        name = self._new()
        with self._ledger.change("there", ("group", name)):
            self._ask(ECS, "CreateSecurityGroup", VpcId=self._place.vpc_id, SecurityGroupName=name)

    def run_instances(self) -> None:
        name, amount = self._new(), self._dice.randint(1, 3)
        with self._ledger.change(f"{amount} Running", ("instances", name)):
            made = self._ask(
                ECS,
                "RunInstances",
                ImageId="debian_12_x64_20G_alibase_20261101.vhd",
                InstanceType="ecs.g7.large",
                VSwitchId=self._place.v_switch_id,
                SecurityGroupId=self._place.group_id,
                InstanceName=name,
                Amount=str(amount),
                InternetMaxBandwidthOut=self._dice.choice(["0", "5"]),
            )
            self._ids["instances", name] = made["InstanceIdSets"]["InstanceIdSet"]

    def stop_instance(self) -> None:
        if (name := self._old("instances")) is None or len(self._ids["instances", name]) != 1:
            return
        with self._ledger.change("1 Stopped", ("instances", name)):
            self._ask(ECS, "StopInstance", InstanceId=self._ids["instances", name][0])

    def delete_instances(self) -> None:
        if (name := self._old("instances")) is None:
            return
        ids = {f"InstanceId.{number}": one for number, one in enumerate(self._ids["instances", name], 1)}
        with self._ledger.change(None, ("instances", name)):
            self._customer.ask(ECS, "DeleteInstances", {"Force": "true", **ids})

    def put_object(self) -> None:
        name = f"{self._name}/{self._dice.randrange(8)}"
        body = self._dice.randbytes(self._dice.choice([0, 10, 5000, 300_000]))
        with self._ledger.change(body.hex(), ("object", name)):
            self._customer.put(name, body)

    def delete_object(self) -> None:
        name = f"{self._name}/{self._dice.randrange(8)}"
        with self._ledger.change(None, ("object", name)):
            self._customer.put(name, None)

    def create_user(self) -> None:
        name = self._new()
        with self._ledger.change("there", ("user", name)):
            self._ask(RAM, "CreateUser", UserName=name)
            self._ids["user", name] = []

    def delete_user(self) -> None:
        if (name := self._old("user")) is None:
            return
        with self._ledger.change(None, ("user", name)):
            self._ask(RAM, "DeleteUser", UserName=name)


def look_around(customer: Customer, place: Place) -> dict[Key, str]:
    """All that the customer has, as the ledger words it; the place itself left out."""
    found: dict[Key, str] = {}
    vpcs = [one for one in customer.all(VPC, "DescribeVpcs", "Vpcs.Vpc", {}) if one["VpcId"] != place.vpc_id]
    names = {one["VpcId"]: one["VpcName"] for one in vpcs}
    for one in vpcs:
        found["vpc", one["VpcName"]] = "there"
        for tag in one["Tags"]["Tag"]:
            found["tag", one["VpcName"]] = tag["Value"]
    for one in customer.all(VPC, "DescribeVSwitches", "VSwitches.VSwitch", {}):
        if one["VSwitchId"] != place.v_switch_id:
            key = ("v_switch", names[one["VpcId"]])
            assert key not in found, "two vSwitches with one CIDR"
            found[key] = "there"
    for one in customer.all(ECS, "DescribeSecurityGroups", "SecurityGroups.SecurityGroup", {}):
        if one["SecurityGroupId"] != place.group_id:
            found["group", one["SecurityGroupName"]] = "there"
    instances = customer.all(ECS, "DescribeInstances", "Instances.Instance", {})
    for (name, status), count in sorted(Counter((one["InstanceName"], one["Status"]) for one in instances).items()):
        # While they start, some of a group are ahead of the rest; the ledger knows no such outcome.
        before = found.get(("instances", name))
        found["instances", name] = f"{before}, {count} {status}" if before else f"{count} {status}"
    for one in oss2.ObjectIterator(customer.bucket):
        found["object", one.key] = customer.bucket.get_object(one.key).read().hex()
    for one in customer.ask(RAM, "ListUsers", {"MaxItems": "1000"})["Users"]["User"]:
        found["user", one["UserName"]] = "there"
    return found


def addresses(customer: Customer) -> list[str]:
    """Every private and public address that an instance has."""
    instances = customer.all(ECS, "DescribeInstances", "Instances.Instance", {})
    private = [one["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] for one in instances]
    public = [one["PublicIpAddress"]["IpAddress"] for one in instances]
    return [address for some in (*private, *public) for address in some]


def dump(found: dict[Key, str]) -> str:
    return json.dumps({f"{kind} {name}": value[:40] for (kind, name), value in found.items()}, indent=1)
