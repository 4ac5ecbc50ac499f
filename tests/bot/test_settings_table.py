"""The page of settings, made from the classes."""

from __future__ import annotations

from pathlib import Path

from bot.settings_table import render_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_the_page_of_settings_is_what_the_classes_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_settings(), "run `make docs`"


def test_every_setting_is_there_with_its_variable_and_no_secret_s_value() -> None:
    page = render_settings()
    for shown in ("`DATELINE_HOME`", "`DATELINE_BOT__LLM`", "`SLACK_BOT_TOKEN`", "[retrieval]"):
        assert shown in page
    for line in page.splitlines():
        assert "| None |" not in line
