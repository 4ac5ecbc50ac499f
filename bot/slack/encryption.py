"""Tokens as they lie in the database: encrypted with a key that only the settings hold."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from retrieval.errors import SettingsError

_HOW = "`dateline slack key` prints one"


def make_key() -> str:
    return Fernet.generate_key().decode()


def read_cipher(keys: SecretStr) -> MultiFernet:
    """Of one key, or of several joined by commas: the first encrypts, each of them decrypts.

    Raises SettingsError, which tells a key's number and nothing of what is in it.
    """
    entries = [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]
    return MultiFernet([_read_key(entry, n, len(entries)) for n, entry in enumerate(entries, 1)])


def _read_key(entry: str, number: int, count: int) -> Fernet:
    try:
        return Fernet(entry)
    except ValueError:
        raise SettingsError(
            f"bot.slack_encryption_key: entry {number} of {count} is not a valid key: {_HOW}"
        ) from None


class EncryptedText(TypeDecorator[str]):
    """Text of which the database sees ciphertext alone."""

    impl = Text
    cache_ok = True

    def __init__(self, cipher: MultiFernet) -> None:
        super().__init__()
        self.cipher = cipher

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else self.cipher.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Raises SettingsError where none of the keys wrote it."""
        del dialect
        if value is None:
            return None
        try:
            return self.cipher.decrypt(value).decode()
        except InvalidToken:
            raise SettingsError(
                "bot.slack_encryption_key is not the key that Slack's tokens were encrypted with: "
                "put that key back, after the new one and a comma if there is a new one; if it "
                "is lost, remove the app from each workspace and install it again"
            ) from None
