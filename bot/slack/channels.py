"""What differs from channel to channel: whether to answer, from which sources, how, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from bot.settings import BotSettings, SlackChannel
from retrieval.errors import SettingsError

NOT_ALLOWED = (
    "I do not answer in this channel. Write to me directly, or ask whoever runs me to allow it "
    "(`bot.slack_channels_allowed`)."
)
# Ids of direct messages begin so.
_DIRECT = "D"


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """Languages are Babel's locales; a channel's own word goes before the word for all."""

    _allowed: frozenset[str]
    _denied: frozenset[str]
    _channels: Mapping[str, SlackChannel]
    _languages: Mapping[str, str]
    _language: str
    _private: bool

    @classmethod
    def of(cls, settings: BotSettings) -> ChannelPolicy:
        """Raises SettingsError where dates cannot be written in a language."""
        return cls(
            _allowed=frozenset(settings.slack_channels_allowed),
            _denied=frozenset(settings.slack_channels_denied),
            _channels=settings.slack_channels,
            _languages={
                channel: _read_language(own.dates, f"slack_channels.{channel}.dates")
                for channel, own in settings.slack_channels.items()
                if own.dates is not None
            },
            _language=_read_language(settings.slack_dates, "slack_dates"),
            _private=settings.slack_private,
        )

    def allows(self, channel: str) -> bool:
        """Direct messages too, unless they are denied by their id."""
        if channel in self._denied:
            return False
        return not self._allowed or channel in self._allowed or channel.startswith(_DIRECT)

    def sources(self, channel: str) -> tuple[str, ...]:
        """Names of publishers; empty for all."""
        own = self._channels.get(channel)
        return own.sources if own else ()

    def dates(self, channel: str) -> str:
        return self._languages.get(channel, self._language)

    def private(self, channel: str) -> bool:
        """Whether only who asked sees the answer. What is direct is that already, and lasts."""
        if channel.startswith(_DIRECT):
            return False
        own = self._channels.get(channel)
        return self._private if own is None or own.private is None else own.private


def _read_language(code: str, setting: str) -> str:
    try:
        return str(Locale.parse(code.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        raise SettingsError(
            f"bot.{setting}: dates cannot be written in {code!r}: use a language like en, de or "
            "pt_BR"
        ) from None
