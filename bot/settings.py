"""Settings of the bot: the language model, the server, Slack."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
)
from pydantic_settings import SettingsConfigDict

from bot.http.keys import ApiKey, read_keys
from retrieval.settings import PackageSettings

_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")
LLM_PROVIDERS = ("ollama", "openai", "anthropic", "compatible", "llamacpp")


def _slack_alias(name: str) -> AliasChoices:
    """Slack's own variable names work beside ours."""
    return AliasChoices(f"DATELINE_BOT__{name}", name, name.lower())


def _read_channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise ValueError(
            "write a channel's id, like C0123456789: Slack shows it at the end of a channel's "
            "details"
        )
    return value


ChannelId = Annotated[str, AfterValidator(_read_channel)]


class SlackChannel(BaseModel):
    """What is set for one channel; None where the setting for all holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[str, ...] = ()
    dates: str | None = None
    private: bool | None = None


class BotSettings(PackageSettings):
    """How questions are answered and where they come from."""

    table: ClassVar[str] = "bot"
    model_config = SettingsConfigDict(
        env_prefix="DATELINE_BOT__",
        pyproject_toml_table_header=("bot",),
        hide_input_in_errors=True,
    )

    llm: str = Field(
        default="none",
        description="`none`, `ollama/MODEL`, `openai/MODEL`, `anthropic/MODEL`, "
        "`compatible/MODEL` or `llamacpp//PATH.gguf` (docs/llms.md).",
    )
    llm_base_url: str | None = Field(
        default=None, description="URL of the model's API; required for `compatible/`."
    )
    llm_api_key: SecretStr | None = Field(default=None, description="Key of the model's API.")
    llm_timeout_s: float = Field(
        default=30.0, gt=0, description="Longest wait for a whole draft, streamed or not."
    )
    llm_max_tokens: int = Field(
        default=400,
        ge=16,
        description="Longest draft, in tokens; a model that thinks first needs more.",
    )
    llm_context_tokens: int = Field(
        default=4096,
        ge=512,
        description="The model's context window, in tokens; passages that do not fit are left out.",
    )
    abstain_below: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Confidence below which quotes are not given as an answer; a language model "
        "decides for itself.",
    )
    conversation_days: int = Field(
        default=30, ge=1, le=3650, description="Days that conversations are kept."
    )
    index_articles: bool = Field(
        default=True,
        description="Whether a server or `dateline slack` indexes new articles if no other process "
        "does; if false, `dateline index --follow` has to.",
    )
    api_keys: tuple[ApiKey, ...] = Field(
        default=(),
        exclude=True,
        repr=False,
        description="Keys of the HTTP API, `ROLE:KEY` or `ROLE:sha256:HASH`; without any, the "
        "server accepts requests only from this machine (docs/http.md).",
    )
    rate_limit: str = Field(
        default="600/minute",
        pattern=r"^[1-9][0-9]{0,5}/(second|minute|hour)$",
        description="Most HTTP requests per key.",
    )
    answers_at_once: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="HTTP requests answered at once; if unset, one per core, or four with a "
        "language model.",
    )
    answers_waiting: int = Field(
        default=64, ge=0, le=10_000, description="HTTP requests that may wait for their turn."
    )
    max_upload_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1024, description="Largest body of `POST /articles`."
    )
    log_requests: bool = Field(
        default=False, description="Write one line of JSON per request to standard error."
    )
    traces: bool = Field(
        default=False,
        description="Send OpenTelemetry spans to where the `OTEL_…` variables say (docs/http.md).",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None,
        validation_alias=_slack_alias("SLACK_BOT_TOKEN"),
        description="Slack's `xoxb-` token.",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        validation_alias=_slack_alias("SLACK_SIGNING_SECRET"),
        description="Turns on `POST /slack/events`.",
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        validation_alias=_slack_alias("SLACK_APP_TOKEN"),
        description="Slack's `xapp-` token, for Socket Mode.",
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", description="URL of Slack's Web API."
    )
    slack_client_id: str | None = Field(
        default=None,
        validation_alias=_slack_alias("SLACK_CLIENT_ID"),
        description="The app's client id, for many workspaces, in place of a bot token "
        "(docs/slack.md).",
    )
    slack_client_secret: SecretStr | None = Field(
        default=None,
        validation_alias=_slack_alias("SLACK_CLIENT_SECRET"),
        description="The app's client secret.",
    )
    slack_encryption_key: SecretStr | None = Field(
        default=None,
        description="Key that encrypts the workspaces' tokens; `dateline slack key` prints one. "
        "Separate several by commas: the first encrypts, each of them decrypts.",
    )
    slack_channels_allowed: tuple[ChannelId, ...] = Field(
        default=(), description="Ids of the channels to answer in; if unset, all."
    )
    slack_channels_denied: tuple[ChannelId, ...] = Field(
        default=(), description="Ids of channels and direct messages to ignore."
    )
    slack_channels: dict[ChannelId, SlackChannel] = Field(
        default={},
        description="One table per channel, `[bot.slack_channels.C0123456789]`, with `sources`, "
        "`dates` and `private`.",
    )
    slack_dates: str = Field(
        default="en", description="Language of dates in answers: `en`, `de`, `pt_BR`."
    )
    slack_private: bool = Field(
        default=False, description="In channels, show answers only to the person who asked."
    )
    slack_rate_limit: int = Field(
        default=20,
        ge=0,
        le=10_000,
        description="Most questions per user per minute; 0 for no limit.",
    )

    @property
    def slack_workspaces(self) -> Literal["none", "one", "many"]:
        """Whom the Slack bot has tokens for; of many each brings its own."""
        if self.slack_client_id or self.slack_client_secret or self.slack_encryption_key:
            return "many"
        return "none" if self.slack_bot_token is None else "one"

    @field_validator("api_keys", mode="before")
    @classmethod
    def _read_keys(cls, value: Any) -> tuple[ApiKey, ...]:
        return read_keys(value)

    @field_validator("llm")
    @classmethod
    def _known_provider(cls, value: str) -> str:
        provider, _, model = value.partition("/")
        if value != "none" and (provider not in LLM_PROVIDERS or not model):
            raise ValueError(
                "use none, or a provider and a model, like ollama/llama3.2; the providers are "
                + ", ".join(LLM_PROVIDERS)
            )
        return value
