"""Pages that are no article, told from those that are: each is refused with its reason.

A refusal costs an article, so a page is refused only where its text is short, or where nothing
but headlines is on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.cleaning import clean_name
from ingest.errors import UnreadableInput
from ingest.pages.facts import PageFacts
from ingest.pages.headline import short_text
from ingest.pages.identity import absolute_address
from ingest.pages.json_ld import as_list

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ERROR = re.compile(
    r"(?:error |fehler )?(?:404|403|410|500|502|503)\s*(?:$|[-–—|:!.]|error|not|page|seite|"
    r"forbidden|internal|bad|service|gone)|(?:page|article|story|seite|página|pagina) "
    r"(?:was |could |wurde |is )*(?:not|nicht|non|no) (?:be )?(?:found|gefunden|trovata|encontrada|"
    r"available|exist)|(?:not found|access denied|forbidden|service unavailable|"
    r"page introuvable|bad gateway)$|this (?:page|site) can['’]t be",
    re.I,
)
_MACHINE_CHECK = re.compile(
    r"(?:please )?(?:enable|turn on|activate) (?:java ?script|cookies)|javascript (?:is|has been) "
    r"(?:disabled|required|not)|verif(?:y|ying) (?:that )?you are (?:a )?human|checking your "
    r"browser|are you a (?:human|robot)|unusual (?:traffic|activity)|complete the captcha|"
    r"just a moment|attention required|javascript (?:aktivieren|einschalten)|"
    r"activer javascript|press (?:and|&) hold",
    re.I,
)
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|your privacy|datenschutz|einwilligung|tracking|personali[sz]ed ads|"
    r"partners?|vendors?|legitimate interest|opt out|vie privée|consentement)\b",
    re.I,
)
_TO_THE_READER = re.compile(
    r"\b(?:we|our|you|your|wir|unsere?|sie|ihre|nous|notre|vous|votre|vos|nosotros|noi|wij)\b", re.I
)
_PAYWALL = re.compile(
    r"(?:^|[.!?:,–]\s+|please\s+|must\s+|or\s+|and\s+)(?:subscribe|sign (?:in|up)|log ?in|"
    r"register|become a member|create (?:a|your) (?:free )?account|"
    r"start (?:a|your) (?:free )?trial)\b.{0,60}\b(?:to (?:continue|read|keep|unlock|access|view)|"
    r"(?:full|whole|entire|rest of (?:the|this)) (?:article|story))|"
    r"(?:this|the) (?:article|story|content) is (?:only |exclusively )?(?:available )?"
    r"(?:for|reserved for|to) (?:paying |paid )?(?:subscribers|members)|"
    r"already a (?:subscriber|member)\?|(?:subscriber|member)s?[- ]only (?:article|story|content)|"
    r"(?:continue|keep) reading (?:with|for|by) a?|to (?:continue|keep) reading,|"
    r"to (?:continue|keep) reading$|"
    r"to read (?:on|(?:the|this) (?:full|whole|entire|rest)).{0,30}\b"
    r"(?:subscri|trial|account|sign|log)|"
    r"weiterlesen mit|jetzt (?:abonnieren|weiterlesen)|réservé aux abonnés|il vous reste \d|"
    r"para seguir leyendo|contenido exclusivo para|per continuare a leggere|alleen voor abonnees",
    re.I,
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_HEADLINE_LINKS = (
    "//h1//a[@href]|//h2//a[@href]|//h3//a[@href]|//h4//a[@href]|//li/a[@href]|//p/a[@href]|"
    "//a[@href][.//h1 or .//h2 or .//h3 or .//h4]"
)
_FURNITURE = frozenset({"nav", "header", "footer", "aside"})
_SHORT_WORDS = 150
_PAYWALLED_WORDS = 120
_LONG_CONSENT_WORDS = 400
_LAST_PARAGRAPHS = 3
_LEAST_HEADLINE_WORDS = 3
_LEAST_STORIES = 5
_TEASER_WORDS = 35
_MOST_STORY_CHARACTERS = 500
_HEADLINE_DEPTH = 3
_MOST_LINKS = 500
_MOST_KICKER_CHARACTERS = 40
_FEW_WORDS = 40


def refuse_non_article(page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str]) -> None:
    """Raises UnreadableInput with what the page is instead, and what to do next."""
    words = sum(len(paragraph.split()) for paragraph in paragraphs)
    if words <= _SHORT_WORDS:
        _refuse_error(page, facts, paragraphs, words)
        _refuse_stub(facts, paragraphs, words)
        _refuse_login(page, facts, words)
    if words <= _LONG_CONSENT_WORDS:
        _refuse_consent(facts, paragraphs)
    _refuse_list(page, facts, paragraphs, words)


def _refuse_error(
    page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str], words: int
) -> None:
    window = clean_name(page.findtext(".//title")) or ""
    titles = [window, facts.title or "", *(paragraphs[:1] if words <= _FEW_WORDS else ())]
    if facts.article:
        return
    if any(_ERROR.match(title) for title in titles):
        raise UnreadableInput("is an error page, not an article: check the address")
    text = " ".join([*titles, *paragraphs]) if words <= _FEW_WORDS else " ".join(titles)
    shown = " ".join(page.text_content().split()) if words < _FEW_WORDS else ""
    if _MACHINE_CHECK.search(text) or (len(shown) < 600 and _MACHINE_CHECK.search(shown)):
        raise UnreadableInput(
            "is a check for robots or scripts, not an article: save the page from a browser"
        )


def _refuse_stub(facts: PageFacts, paragraphs: Sequence[str], words: int) -> None:
    free = facts.article.get("isAccessibleForFree")
    parts = [part for part in as_list(facts.article.get("hasPart")) if isinstance(part, dict)]
    stated = [
        str(value).lower() for value in (free, *(p.get("isAccessibleForFree") for p in parts))
    ]
    is_closed = any(value.rpartition("/")[2] == "false" for value in stated)
    last = (*paragraphs[-_LAST_PARAGRAPHS:], _text_below(facts.headline))
    asks = any(_PAYWALL.search(text) for text in last)
    if asks or (is_closed and words <= _PAYWALLED_WORDS):
        raise UnreadableInput(
            "holds only the beginning of a paywalled article: "
            "save the whole page after signing in, or leave it out"
        )


def _text_below(headline: HtmlElement | None) -> str:
    """All of the article's element, offers to subscribe included."""
    article = None if headline is None else next(headline.iterancestors("article", "main"), None)
    return "" if article is None else " ".join(article.text_content().split())


def _refuse_consent(facts: PageFacts, paragraphs: Sequence[str]) -> None:
    asking = [p for p in paragraphs if len(_CONSENT.findall(p)) > 1 and _TO_THE_READER.search(p)]
    names_cookies = any("cookie" in paragraph.lower() for paragraph in asking)
    if names_cookies and not facts.states_article and 2 * len(asking) > len(paragraphs):
        raise UnreadableInput(
            "is a request for consent to cookies, not an article: save the page after answering it"
        )


def _refuse_login(page: HtmlElement, facts: PageFacts, words: int) -> None:
    fields = page.xpath("//input[translate(@type, 'PASWORD', 'pasword')='password']")
    if fields and not facts.states_article and words <= _FEW_WORDS:
        raise UnreadableInput("is a login page, not an article: save the page after signing in")


def _refuse_list(
    page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str], words: int
) -> None:
    if facts.states_article:
        return
    stories = _find_stories(page)
    listed = sum(
        len(p.split()) for p in paragraphs if any(p in story for story in stories.values())
    )
    is_front_door = facts.found_at and urlsplit(facts.found_at).path in ("", "/")
    most_words = _TEASER_WORDS * len(stories) if is_front_door else 2 * listed
    if len(stories) >= _LEAST_STORIES and words <= most_words:
        feed = _find_feed(page, facts.found_at)
        advice = "give the addresses of its articles" + (f", or its feed {feed}" if feed else "")
        raise UnreadableInput(f"is a list of headlines, not an article: {advice}")


def _find_stories(page: HtmlElement) -> dict[str, str]:
    """Headlines that are links, outside the furniture of the page, each with its teaser."""
    stories: dict[str, str] = {}
    for link in page.xpath(_HEADLINE_LINKS)[:_MOST_LINKS]:
        headline = short_text(link, _MOST_STORY_CHARACTERS) or ""
        above = list(link.iterancestors())
        if len(headline.split()) < _LEAST_HEADLINE_WORDS or not _FURNITURE.isdisjoint(
            element.tag for element in above
        ):
            continue
        for block in above[:_HEADLINE_DEPTH]:
            text = short_text(block, _MOST_STORY_CHARACTERS)
            if text is None or not _begins(text, headline):
                break
            stories[headline] = text
    return stories


def _begins(block: str, headline: str) -> bool:
    """Whether the headline is what the block begins with, but for a date or a section's name."""
    return headline in block[: len(headline) + _MOST_KICKER_CHARACTERS]


def _find_feed(page: HtmlElement, found_at: str | None) -> str | None:
    for link in page.xpath("//link[@rel='alternate' and @href]"):
        if link.get("type") in _FEED_TYPES:
            return absolute_address(link.get("href"), found_at)
    return None
