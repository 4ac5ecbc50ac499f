"""How API keys are written in the settings, and that they are not seen again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands import app
from bot.http.keys import ApiKey, find_key, hash_key, make_key, read_keys
from bot.settings import BotSettings
from retrieval.errors import SettingsError

KEY = "a-long-enough-key-of-mine"
OTHER = "another-key-of-theirs"
HASH = hash_key(KEY.encode())
READ, WRITE = ApiKey("read", HASH), ApiKey("write", HASH)
OTHER_READ = ApiKey("read", hash_key(OTHER.encode()))


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("", ()),
        ("  ", ()),
        (f"read:{KEY}", (READ,)),
        (f"write:{KEY}", (WRITE,)),
        (KEY, (READ,)),
        (f"{KEY}:write", (WRITE,)),
        (f"write:sha256:{HASH}", (WRITE,)),
        (f"write:sha256:{HASH.upper()}", (WRITE,)),
        (f"sha256:{HASH}", (READ,)),
        (f"sha256:{HASH}:write", (WRITE,)),
        (f"write:{KEY}, {OTHER},", (WRITE, OTHER_READ)),
        (f'["write:{KEY}", "{OTHER}"]', (WRITE, OTHER_READ)),
        (f' {{"{KEY}": "write", "{OTHER}": "read"}}', (WRITE, OTHER_READ)),
        (f'{{"write": "{KEY}"}}', (WRITE,)),
        (f'{{"sha256:{HASH}": "write"}}', (WRITE,)),
        (f"read:{KEY},read:sha256:{HASH}", (READ,)),
    ],
)
def test_keys_are_read_from_what_people_write(
    monkeypatch: pytest.MonkeyPatch, written: str, keys: tuple[ApiKey, ...]
) -> None:
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", written)
    assert BotSettings.load().api_keys == keys


@pytest.mark.parametrize(
    "table",
    [
        f'[bot]\napi_keys = ["write:{KEY}", "{OTHER}"]\n',
        f'[bot]\napi_keys = "write:{KEY},{OTHER}"\n',
        f'[bot.api_keys]\n"{KEY}" = "write"\n"{OTHER}" = "read"\n',
    ],
)
def test_keys_are_read_from_the_file(table: str) -> None:
    Path("dateline.toml").write_text(table)
    assert BotSettings.load().api_keys == (WRITE, OTHER_READ)


@pytest.mark.parametrize(
    "written",
    [
        "read",
        "read:",
        ":read",
        "read:write",
        f"read:{KEY}:write",
        f"admin:{KEY}",
        f"{KEY}:{OTHER}",
        f"READ:{KEY}",
        f"write:{KEY} {OTHER}",
        f'write:"{KEY}"',
        f"write:sha256:{HASH[:-1]}",
        f"write:sha256:{KEY}",
        "sha256:",
        f'["write:{KEY}"',
        f"[write:{KEY}]",
        f'[["{KEY}"]]',
        f'{{"{KEY}": "admin"}}',
        f'{{"{KEY}": {{"role": "read"}}}}',
        f"read:{KEY},write:{KEY}",
        f"write:schlüssel-{KEY}",
    ],
)
def test_what_is_unclear_is_an_error_that_does_not_repeat_the_key(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", written)
    with pytest.raises(SettingsError, match=r"^bot\.api_keys: ") as caught:
        BotSettings.load()
    for secret in (KEY, OTHER, HASH):
        assert secret not in f"{caught.value} {caught.value.__cause__}"


def test_what_is_neither_a_list_nor_a_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="neither a list nor a table"):
        read_keys(7)


def test_an_error_tells_which_entry_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"^entry 2 of 3 is not a valid key: write ROLE:KEY"):
        read_keys(["read:one-key", "admin:two-keys", "write:three-keys"])


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", f"write:{KEY}")
    settings = BotSettings.load()
    shown = f"{settings!r} {settings} {settings.model_dump_json()} {settings.api_keys!r}"
    assert KEY not in shown
    assert HASH not in shown


def test_a_key_is_found_by_its_hash_alone() -> None:
    keys = read_keys([f"write:{KEY}", f"read:{OTHER}"])
    assert find_key(KEY.encode(), keys) == WRITE
    assert find_key(OTHER.encode(), keys) == OTHER_READ
    for wrong in ("", KEY[:-1], KEY.upper(), HASH, f"sha256:{HASH}", f"write:{KEY}"):
        assert find_key(wrong.encode(), keys) is None


def test_an_owner_is_the_same_for_a_key_and_its_hash_and_tells_neither() -> None:
    (plain,), (hashed,) = read_keys(f"read:{KEY}"), read_keys(f"write:sha256:{HASH}")
    assert plain.owner == hashed.owner != read_keys(OTHER)[0].owner
    assert plain.owner not in (KEY, HASH)
    assert HASH not in plain.owner


def test_fresh_keys_differ_and_are_long() -> None:
    made = {make_key() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43


@pytest.mark.parametrize("role", ["read", "write"])
def test_keys_new_prints_a_key_and_the_lines_that_make_it_known(
    monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    printed = CliRunner().invoke(app, ["keys", "new", "--role", role])
    assert printed.exit_code == 0
    key = printed.stdout.splitlines()[0]
    line = re.search(r"^DATELINE_BOT__API_KEYS=(\S+)$", printed.stdout, re.MULTILINE)
    assert line is not None
    assert key not in line[1]
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", line[1])
    found = find_key(key.encode(), BotSettings.load().api_keys)
    assert found is not None
    assert found.role == role
    monkeypatch.delenv("DATELINE_BOT__API_KEYS")
    Path("dateline.toml").write_text(printed.stdout[printed.stdout.index("[bot]") :])
    assert find_key(key.encode(), BotSettings.load().api_keys) == found


def test_keys_new_takes_no_other_role() -> None:
    assert CliRunner().invoke(app, ["keys", "new", "--role", "admin"]).exit_code == 2
