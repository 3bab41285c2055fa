"""Prefix lists: sets of address blocks that rules of security groups name. A rule follows its list."""

from __future__ import annotations

from ipaddress import ip_network

from openyun.clock import iso_seconds
from openyun.errors import BadRequest, Forbidden, InvalidParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.records import PrefixEntry, PrefixList, SecurityGroup
from openyun.services.ecs.security_group.errors import PrefixListNotFound
from openyun.services.ecs.service import ecs
from openyun.services.naming import is_name
from openyun.services.paging import after_token
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.vpcs import default_resource_group

MOST_LISTS = 100
MOST_ENTRIES = 200


class TooManyLists(Forbidden):
    code = "LimitExceed.PrefixList"
    message = "The number of prefix lists exceeds the quota of {most}."


class TooManyEntries(Forbidden):
    code = "LimitExceed.Entry"
    message = "The prefix list has at most {most} entries."


class InvalidName(BadRequest):
    code = "InvalidPrefixListName.Malformed"
    message = 'The specified parameter "PrefixListName" is not valid.'


class InvalidCidr(BadRequest):
    code = "InvalidCidr.Malformed"
    message = "The specified CIDR block {cidr} is not valid for the address family of the prefix list."


class EntryRepeated(BadRequest):
    code = "InvalidEntry.Duplicated"
    message = "The prefix list has an entry of {cidr} already."


class EntryNotFound(BadRequest):
    code = "InvalidEntry.NotFound"
    message = "The prefix list has no entry of {cidr}."


class ListInUse(Forbidden):
    code = "DependencyViolation.SecurityGroup"
    message = "The prefix list is used by rules of the security group {security_group_id}."


def find(call: Call, prefix_list_id: str) -> PrefixList:
    found = call.state.get(PrefixList, prefix_list_id)
    if found is None or found.account_id != call.account_id:
        raise PrefixListNotFound
    return found


def using(call: Call, one: PrefixList) -> list[SecurityGroup]:
    every = call.state.find(SecurityGroup, account_id=call.account_id)
    return [group for group in every if any(rule.prefix_list_id == one.id for rule in group.rules)]


class Entry(Model, kw_only=True):
    cidr: str
    description: str = ""


class RemovedEntry(Model, kw_only=True):
    cidr: str


class CreatePrefixListRequest(Request, kw_only=True):
    region_id: str
    prefix_list_name: str
    address_family: str
    max_entries: int
    description: str = ""
    entry: list[Entry] = []
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreatePrefixListResponse(Response, kw_only=True):
    prefix_list_id: str


@ecs.operation(resource="prefixlist/*")
def create_prefix_list(call: Call, ask: CreatePrefixListRequest) -> CreatePrefixListResponse:
    if ask.address_family not in ("IPv4", "IPv6"):
        raise InvalidParameter(parameter="AddressFamily")
    if not 1 <= ask.max_entries <= MOST_ENTRIES:
        raise InvalidParameter(parameter="MaxEntries")
    if call.state.count(PrefixList, account_id=call.account_id) >= MOST_LISTS:
        raise TooManyLists(most=MOST_LISTS)
    made = PrefixList(
        id=call.new_id("pl"),
        account_id=call.account_id,
        name=_name(ask.prefix_list_name),
        description=_description(ask.description),
        address_family=ask.address_family,
        max_entries=ask.max_entries,
        created_at=iso_seconds(call.now),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        tags=tags.rules.checked(ask.tag),
    )
    _add(made, ask.entry)
    call.state.insert(made)
    return CreatePrefixListResponse(prefix_list_id=made.id)


class ModifyPrefixListRequest(Request, kw_only=True):
    region_id: str
    prefix_list_id: str
    prefix_list_name: str | None = None
    description: str | None = None
    add_entry: list[Entry] = []
    remove_entry: list[RemovedEntry] = []


@ecs.operation(resource="prefixlist/{prefix_list_id}")
def modify_prefix_list(call: Call, ask: ModifyPrefixListRequest) -> Response:
    """What is removed goes first; the rules that name the list follow at once."""
    one = find(call, ask.prefix_list_id)
    if ask.prefix_list_name is not None:
        one.name = _name(ask.prefix_list_name)
    if ask.description is not None:
        one.description = _description(ask.description)
    for gone in ask.remove_entry:
        cidr = _cidr(gone.cidr, one.address_family)
        left = [entry for entry in one.entries if entry.cidr != cidr]
        if len(left) == len(one.entries):
            raise EntryNotFound(cidr=gone.cidr)
        one.entries = left
    _add(one, ask.add_entry)
    call.state.put(one)
    call.wake()
    return Response()


class DeletePrefixListRequest(Request, kw_only=True):
    region_id: str
    prefix_list_id: str


@ecs.operation(resource="prefixlist/{prefix_list_id}")
def delete_prefix_list(call: Call, ask: DeletePrefixListRequest) -> Response:
    one = find(call, ask.prefix_list_id)
    for group in using(call, one):
        raise ListInUse(security_group_id=group.id)
    call.state.delete(one)
    return Response()


class PrefixListItem(Model, kw_only=True):
    prefix_list_id: str
    prefix_list_name: str
    description: str
    address_family: str
    max_entries: int
    association_count: int
    creation_time: str
    resource_group_id: str
    tags: TagFields


class PrefixListItems(Model):
    prefix_list: list[PrefixListItem]


class DescribePrefixListsRequest(Request, kw_only=True):
    region_id: str
    prefix_list_id: list[str] = []
    prefix_list_name: str = ""
    address_family: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int = 10


class DescribePrefixListsResponse(Response, kw_only=True):
    next_token: str
    prefix_lists: PrefixListItems


@ecs.operation(resource="prefixlist/{prefix_list_id}")
def describe_prefix_lists(call: Call, ask: DescribePrefixListsRequest) -> DescribePrefixListsResponse:
    found = [
        one
        for one in call.state.find(PrefixList, account_id=call.account_id)
        if (not ask.prefix_list_id or one.id in ask.prefix_list_id)
        and ask.prefix_list_name in one.name
        and ask.address_family in ("", one.address_family)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    ]
    page, token = after_token(found, [one.id for one in found], ask.next_token, min(max(ask.max_results, 1), 100))
    return DescribePrefixListsResponse(
        next_token=token,
        prefix_lists=PrefixListItems(
            [
                PrefixListItem(
                    prefix_list_id=one.id,
                    prefix_list_name=one.name,
                    description=one.description,
                    address_family=one.address_family,
                    max_entries=one.max_entries,
                    association_count=len(using(call, one)),
                    creation_time=one.created_at,
                    resource_group_id=one.resource_group_id,
                    tags=shown(one.tags),
                )
                for one in page
            ]
        ),
    )


class Entries(Model):
    entry: list[Entry]


class DescribePrefixListAttributesRequest(Request, kw_only=True):
    region_id: str
    prefix_list_id: str


class DescribePrefixListAttributesResponse(Response, kw_only=True):
    prefix_list_id: str
    prefix_list_name: str
    description: str
    address_family: str
    max_entries: int
    creation_time: str
    entries: Entries


@ecs.operation(resource="prefixlist/{prefix_list_id}")
def describe_prefix_list_attributes(
    call: Call, ask: DescribePrefixListAttributesRequest
) -> DescribePrefixListAttributesResponse:
    one = find(call, ask.prefix_list_id)
    return DescribePrefixListAttributesResponse(
        prefix_list_id=one.id,
        prefix_list_name=one.name,
        description=one.description,
        address_family=one.address_family,
        max_entries=one.max_entries,
        creation_time=one.created_at,
        entries=Entries([Entry(cidr=entry.cidr, description=entry.description) for entry in one.entries]),
    )


class Association(Model, kw_only=True):
    resource_id: str
    resource_type: str = "securitygroup"


class Associations(Model):
    prefix_list_association: list[Association]


class DescribePrefixListAssociationsRequest(Request, kw_only=True):
    region_id: str
    prefix_list_id: str
    next_token: str = ""
    max_results: int = 10


class DescribePrefixListAssociationsResponse(Response, kw_only=True):
    next_token: str
    prefix_list_associations: Associations


@ecs.operation(resource="prefixlist/{prefix_list_id}")
def describe_prefix_list_associations(
    call: Call, ask: DescribePrefixListAssociationsRequest
) -> DescribePrefixListAssociationsResponse:
    ids = sorted(group.id for group in using(call, find(call, ask.prefix_list_id)))
    page, token = after_token(ids, ids, ask.next_token, min(max(ask.max_results, 1), 100))
    return DescribePrefixListAssociationsResponse(
        next_token=token,
        prefix_list_associations=Associations([Association(resource_id=one) for one in page]),
    )


def _add(one: PrefixList, entries: list[Entry]) -> None:
    for entry in entries:
        cidr = _cidr(entry.cidr, one.address_family)
        if any(present.cidr == cidr for present in one.entries):
            raise EntryRepeated(cidr=entry.cidr)
        one.entries.append(PrefixEntry(cidr=cidr, description=_description(entry.description)))
    if len(one.entries) > one.max_entries:
        raise TooManyEntries(most=one.max_entries)


def _cidr(text: str, family: str) -> str:
    try:
        block = ip_network(text)
    except ValueError:
        raise InvalidCidr(cidr=text) from None
    if "%" in text or family != f"IPv{block.version}":
        raise InvalidCidr(cidr=text)
    return str(block)


def _name(text: str) -> str:
    if not is_name(text, shortest=2) or not text[0].isalpha() or text.startswith("com.a"):
        raise InvalidName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, shortest=2, longest=256):
        raise InvalidParameter(parameter="Description")
    return text
