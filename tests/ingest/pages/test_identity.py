"""Addresses that identify articles."""

from __future__ import annotations

import pytest

from ingest.pages.identity import absolute_address, choose_address, same_site, tidy_address

FOUND = "https://www.example.org/news/accord?utm_source=feed"


@pytest.mark.parametrize(
    ("address", "tidied"),
    [
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&id=7&fbclid=y", "https://example.org/a?id=7"),
        ("https://example.org/a?gclid=1&UTM_Medium=2", "https://example.org/a"),
        ("https://example.org/a?ref=7&source=b", "https://example.org/a?ref=7&source=b"),
        ("https://example.org/a?q=%C3%A5&b=+", "https://example.org/a?q=%C3%A5&b=+"),
        ("HTTPS://Example.ORG/Path", "https://example.org/Path"),
        ("https://example.org", "https://example.org/"),
        ("javascript:alert(1)", None),
        ("/news/accord", None),
        (None, None),
    ],
)
def test_an_address_is_kept_without_fragment_and_tracking(
    address: str | None, tidied: str | None
) -> None:
    assert tidy_address(address) == tidied


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.example.co.uk/a", "http://m.example.co.uk/b", True),
        ("https://one.co.uk/a", "https://two.co.uk/a", False),
        ("https://one.blogspot.com/a", "https://two.blogspot.com/a", False),
        ("http://localhost:8000/a", "http://localhost/b", True),
        ("http://127.0.0.1/a", "http://127.0.0.2/a", False),
    ],
)
def test_a_site_is_what_one_owner_registers(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


@pytest.mark.parametrize(
    ("stated", "chosen"),
    [
        (["https://example.org/accord"], "https://example.org/accord"),
        (["https://other.org/scoop"], "https://www.example.org/news/accord"),
        (["https://other.org/scoop", "https://example.org/b"], "https://example.org/b"),
        (["https://www.example.org/"], "https://www.example.org/news/accord"),
        (["https://example.org.evil.net/accord"], "https://www.example.org/news/accord"),
        ([], "https://www.example.org/news/accord"),
    ],
    ids=["own site", "another's", "the second", "front door", "look-alike", "none"],
)
def test_a_fetched_page_speaks_for_its_own_site_only(stated: list[str], chosen: str) -> None:
    assert choose_address(stated, FOUND) == chosen


def test_a_saved_page_is_believed() -> None:
    assert choose_address(["https://other.org/scoop#top"], None) == "https://other.org/scoop"
    assert choose_address(["https://other.org/"], None) is None
    assert choose_address([], None) is None


def test_a_relative_link_needs_the_page_s_own_address() -> None:
    assert absolute_address("/b", FOUND) == "https://www.example.org/b"
    assert absolute_address("/b", None) is None
    assert absolute_address("http://[bad", FOUND) is None
    assert absolute_address(7, None) is None
