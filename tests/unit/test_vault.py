"""The vault: what it seals only it can open, for the purpose it was sealed for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openyun.access.vault import Token, Vault

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TOKEN = Token(
    access_key_id="STS.N1",
    secret="s3cret",
    account_id="1",
    role_id="3",
    role_name="r",
    session_name="s",
    expires_at=1e9,
    policy='{"Version":"1"}',
)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault(tmp_path_factory.mktemp("vault") / "key")


@given(text=TEXT, purpose=TEXT, other=TEXT)
def test_what_is_sealed_is_opened_for_its_purpose_only(vault: Vault, text: str, purpose: str, other: str) -> None:
    sealed = vault.seal(text, purpose)
    assert vault.open(sealed, purpose) == text
    assert vault.open(sealed, purpose + "x") is None
    assert (vault.open(sealed, other) is None) == (other != purpose)


def test_sealed_text_tells_nothing_and_never_twice_the_same(vault: Vault) -> None:
    one, two = vault.seal("secret secret", "p"), vault.seal("secret secret", "p")
    assert one != two
    assert "secret" not in one


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_what_was_never_sealed_is_none(vault: Vault, text: str) -> None:
    assert vault.open(text, "p") is None
    assert vault.read(text) is None
    assert vault.read("CAIS" + text) is None


@pytest.fixture(scope="module")
def issued(vault: Vault) -> str:
    return vault.issue(TOKEN)


@given(st.data())
def test_one_changed_character_makes_a_token_worthless(vault: Vault, issued: str, data: st.DataObject) -> None:
    text = issued
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019+/"))
    changed = text[:at] + letter + text[at + 1 :]
    assert vault.read(changed) == (TOKEN if changed == text else None)


def test_a_sealed_secret_is_no_token(vault: Vault) -> None:
    assert vault.read("CAIS" + vault.seal('["a","b","c","d","e","f",9e9,""]', "secret of a")) is None


def test_the_key_outlives_the_process_and_is_its_owners_only(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "key").seal("text", "p")
    assert Vault(tmp_path / "key").open(sealed, "p") == "text"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "key").read_bytes()) == 32
    assert Vault(tmp_path / "other").open(sealed, "p") is None


def test_of_many_that_start_at_once_all_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        # The draft's name has the process's number, so threads would share it: processes never do.
        pids = iter(range(100_000, 100_100))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "getpid", lambda: next(pids))
            vaults = list(pool.map(lambda _: Vault(tmp_path / "key"), range(8)))
    sealed = vaults[0].seal("text", "p")
    assert [vault.open(sealed, "p") for vault in vaults] == ["text"] * 8
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
