"""Exactly once: ClientTokens, dry runs and nonces, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from openyun.clock import FixedClock
from openyun.cloud import Cloud
from openyun.errors import (
    BadRequest,
    DryRunOperation,
    IdempotentParameterMismatch,
    InvalidClientToken,
    SignatureNonceUsed,
)
from openyun.housekeeping import Sweeper
from openyun.once import SKEW, TOKEN_LIFE, TokenAnswer, UsedNonce, run, run_once, use_nonce
from openyun.operation import UNSET, Call, Request, Response, Service, Unset
from openyun.state import Record, Transaction
from tests.unit.cloud import NOON, call_in, small_cloud

shop = Service(name="shop", product="Shop", version="2026-01-01")


class Sale(Record, kw_only=True):
    TABLE: ClassVar[str] = "test_sale"

    id: str


class BuyRequest(Request, kw_only=True):
    what: str = "tea"
    client_token: str = ""
    dry_run: bool = False


class BuyResponse(Response, kw_only=True):
    sale_id: str
    discount: int | Unset = UNSET


class SoldOut(BadRequest):
    code = "SoldOut"
    message = "No {what} is left."


@shop.operation()
def buy(call: Call, ask: BuyRequest) -> BuyResponse:
    if ask.what == "milk":
        raise SoldOut(what=ask.what)
    made = Sale(id=call.new_id("sale"))
    call.state.insert(made)
    return BuyResponse(sale_id=made.id)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as made:
        yield made


def ask_for(cloud: Cloud, account_id: str = "1", **given: object) -> str:
    """The sale's id."""

    def work(state: Transaction) -> str:
        answer = run_once(call_in(cloud, state, account_id), shop.operations["Buy"], BuyRequest(**given))
        assert isinstance(answer, BuyResponse)
        assert answer.discount is UNSET
        return answer.sale_id

    return cloud.home.store.write(work)


def sales(cloud: Cloud) -> int:
    return cloud.home.store.read(lambda state: state.count(Sale))


def set_clock(cloud: Cloud, ahead: timedelta) -> None:
    assert isinstance(cloud.clock, FixedClock)
    cloud.clock.at = NOON + ahead


def test_without_a_token_each_call_counts(cloud: Cloud) -> None:
    assert ask_for(cloud) != ask_for(cloud)
    assert sales(cloud) == 2


def test_with_a_token_the_first_answer_is_given_again(cloud: Cloud) -> None:
    first = ask_for(cloud, client_token="t")
    assert ask_for(cloud, client_token="t") == first
    assert ask_for(cloud, client_token="u") != first
    assert ask_for(cloud, "2", client_token="t") != first, "another account's tokens are its own"
    assert sales(cloud) == 3


def test_a_token_with_other_parameters_is_a_mistake(cloud: Cloud) -> None:
    ask_for(cloud, client_token="t")
    with pytest.raises(IdempotentParameterMismatch):
        ask_for(cloud, client_token="t", what="coffee")
    assert sales(cloud) == 1


def test_a_call_that_failed_leaves_its_token_free(cloud: Cloud) -> None:
    with pytest.raises(SoldOut):
        ask_for(cloud, client_token="t", what="milk")
    assert ask_for(cloud, client_token="t", what="tea")


def test_a_token_is_forgotten_after_a_day(cloud: Cloud) -> None:
    first = ask_for(cloud, client_token="t")
    set_clock(cloud, TOKEN_LIFE - timedelta(seconds=1))
    assert ask_for(cloud, client_token="t") == first
    set_clock(cloud, TOKEN_LIFE)
    assert ask_for(cloud, client_token="t", what="coffee") != first


@pytest.mark.parametrize("token", ["x" * 65, "é", "令牌"])
def test_a_token_must_be_short_and_plain(cloud: Cloud, token: str) -> None:
    with pytest.raises(InvalidClientToken):
        ask_for(cloud, client_token=token)
    assert ask_for(cloud, client_token="x" * 64)


@pytest.mark.parametrize("token", ["", "t"])
def test_a_dry_run_would_have_worked_and_leaves_nothing(cloud: Cloud, token: str) -> None:
    with pytest.raises(DryRunOperation):
        ask_for(cloud, dry_run=True, client_token=token)
    with pytest.raises(SoldOut):
        ask_for(cloud, dry_run=True, client_token=token, what="milk")
    assert sales(cloud) == 0
    assert cloud.home.store.read(lambda state: state.count(TokenAnswer)) == 0


def test_a_read_has_dry_runs_too(cloud: Cloud) -> None:
    """The gateway runs reads by `run`, outside of any ClientToken."""

    def work(state: Transaction) -> Response:
        return run(call_in(cloud, state), shop.operations["Buy"], BuyRequest(dry_run=True))

    with pytest.raises(DryRunOperation):
        cloud.home.store.write(work)


def spend(cloud: Cloud, nonce: str, access_key_id: str = "ak") -> None:
    cloud.home.store.write(lambda state: use_nonce(call_in(cloud, state, access_key_id=access_key_id), nonce))


def test_a_nonce_is_good_once_for_a_key(cloud: Cloud) -> None:
    spend(cloud, "n")
    with pytest.raises(SignatureNonceUsed):
        spend(cloud, "n")
    spend(cloud, "n", "other")
    spend(cloud, "m")


def test_what_has_expired_is_swept_and_no_sooner(cloud: Cloud) -> None:
    def left() -> tuple[int, int]:
        Sweeper(cloud, cloud.home).survey()
        return cloud.home.store.read(lambda state: (state.count(UsedNonce), state.count(TokenAnswer)))

    for number in range(3):
        spend(cloud, f"n{number}")
    ask_for(cloud, client_token="t")
    # A signature may be as old as SKEW and as young: for twice that time its nonce must be known.
    set_clock(cloud, 2 * SKEW)
    assert left() == (3, 1)
    set_clock(cloud, 2 * SKEW + timedelta(seconds=1))
    assert left() == (0, 1)
    set_clock(cloud, TOKEN_LIFE + timedelta(seconds=1))
    assert left() == (0, 0)
