"""Addresses of a Chroma server, before anything is sent there."""

from __future__ import annotations

import pytest

from retrieval.chroma_client import connect
from retrieval.errors import SettingsError
from retrieval.settings import RetrievalSettings


@pytest.mark.parametrize(
    "url",
    [
        "http://[",
        "http://[::1",
        "127.0.0.1:8000",
        "http://",
        "http://a:b",
        "ftp://a",
        "http://a:0x1",
    ],
)
def test_what_is_no_address_over_http_is_an_error_of_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^retrieval\.chroma_url must look like"):
        connect(RetrievalSettings(chroma_url=url))
