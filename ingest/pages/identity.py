"""Which address is an article's identity: its own site's word for it, or where it was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit, urlunsplit

from tld import get_fld

from ingest.cleaning import clean_name, web_url

_WORLDWIDE = re.compile(r"(?:urn|tag|https?):", re.I)
# Only what is surely no part of an address: `id`, `ref` or `source` may choose the article.
_TRACKING = re.compile(
    r"utm_\w+|(?:fb|g|d|y|ms|tt|tw|li_fat_|gb|wb)cl(?:k)?id|msclkid|twclid|igshid|igsh|"
    r"mc_[ce]id|mkt_tok|_ga|_gl|_hs(?:enc|mi)|hsctatracking|oly_(?:anon|enc)_id|vero_(?:id|conv)|"
    r"(?:mtm|pk|piwik|matomo)_(?:campaign|kwd|keyword|source|medium|content|cid|group|placement)|"
    r"wt_(?:mc|zmc)|wt\.mc_\w+|at_(?:medium|campaign|link_\w+|format|ptr_name|bbc_team)|"
    r"cmpid|cmp|ocid|smid|smtyp|ns_(?:mchannel|source|campaign|linkname|fee)|xtor|ref_src|"
    r"ref_url|amp|outputtype|s_cid|ito|guccounter|guce_referrer(?:_sig)?|__twitter_impression",
    re.I,
)


def choose_address(stated: Sequence[str | None], found_at: str | None) -> str | None:
    """The first stated address that the page may claim, else where it was found.

    A page found on the web speaks for its own site only, lest it take another's place; nor is a
    site's front door the address of an article.
    """
    home = tidy_address(found_at)
    for address in stated:
        tidied = tidy_address(address)
        if tidied is None or _is_front_door(tidied):
            continue
        if home is None or same_site(tidied, home):
            return tidied
    return home


def absolute_address(address: object, found_at: str | None) -> str | None:
    """A link of the page as an address of the web, if it can be made one."""
    try:
        return web_url(urljoin(found_at or "", clean_name(address) or ""))
    except ValueError:
        return None


def tidy_address(address: str | None) -> str | None:
    """Without fragment and tracking parameters; None if it is no address of the web."""
    url = web_url(address)
    if url is None:
        return None
    parts = urlsplit(url)
    query = "&".join(
        field
        for field in parts.query.split("&")
        if field and not _TRACKING.fullmatch(field.partition("=")[0])
    )
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))


def is_worldwide(name: str) -> bool:
    """Whether nobody else gives it: what it names is then the same in whatever format it comes."""
    return _WORLDWIDE.match(name) is not None


def same_site(one: str, other: str) -> bool:
    return _site(one) == _site(other)


def _site(url: str) -> str:
    """What one owner registers: `example.co.uk`, `someone.blogspot.com`, else the host."""
    registered = get_fld(url, fail_silently=True, search_private=True)
    return registered or (urlsplit(url).hostname or "")


def _is_front_door(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
