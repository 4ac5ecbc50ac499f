"""Pages that are no article, told from those that are: each is refused with its reason.

A refusal costs an article, so a page is refused only where its text is short, or where nothing
but headlines is on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.cleaning import clean_name, count_words
from ingest.errors import UnreadableInput
from ingest.pages.facts import PageFacts
from ingest.pages.headline import short_text
from ingest.pages.identity import absolute_address
from ingest.pages.json_ld import Node, as_list

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PHRASES = sorted({re.escape(s.phrase.lower()) for s in HTTPStatus if s >= 400})
# A title, or what stands in it before a dash or a bar, that says nothing else.
_ERROR = re.compile(
    r"(?:http |server )?(?:status |code |error |fehler |erreur |errore )*[45]\d\d(?: error)?|"
    r"(?:(?:http )?(?:error |fehler |erreur )?[45]\d\d\W+)?(?:error|oops|sorry|page not found|"
    r"(?:(?:the |this |die |la |cette )?(?:requested |angeforderte )?(?:page|article|story|file|"
    r"document|seite|artikel|página|pagina|strona|side|sidan) (?:you requested )?"
    r"(?:was |could |wurde |is |konnte |does |has been |cannot |can't )*"
    r"(?:not|nicht|non|no|nie|ikke|inte|be|moved|removed|deleted)? ?"
    r"(?:be )?(?:found|gefunden|trovata|encontrada|available|exist|znaleziona|funnet|hittades|"
    r"moved|removed|deleted))|"
    r"(?:page|article) (?:introuvable|non trouvée?)|siden ble ikke funnet|sidan hittades inte|"
    rf"{'|'.join(_PHRASES)})",
    re.I,
)
_NUMBER = re.compile(r"\W*(?:error |fehler |erreur )?[45]\d\d\W*", re.I)
_OF_PAGES = re.compile(
    r"\b(?:pages?|seite|página|pagina|strona|address|adresse|url|link|server|browser)\b", re.I
)
_PARTS = re.compile(r"\s+[-–—|•·:»]\s+|[|:!.…]+(?:\s+|$)|\s*[–—]\s*")
_MACHINE_CHECK_TITLE = re.compile(
    r"(?:just a moment|attention required|one more step|are you (?:a )?(?:human|(?:a )?robot)\??|"
    r"access denied|verify(?:ing)? you are (?:a )?human|checking your browser.*|security check|"
    r"human verification|robot check|pardon our interruption|un instant|einen moment(?: bitte)?)",
    re.I,
)
_MACHINE_CHECK = re.compile(
    r"(?:please )?(?:enable|turn on|activate) (?:java ?script|cookies)|javascript (?:is|has been) "
    r"(?:disabled|required|not (?:enabled|available))|verify(?:ing)? (?:that )?you are (?:a )?"
    r"human|checking your browser|unusual (?:traffic|activity) from your|complete the captcha|"
    r"javascript (?:aktivieren|einschalten)|activer javascript|press (?:and|&) hold",
    re.I,
)
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|your privacy|datenschutz|einwilligung|tracking|personali[sz]ed ads|"
    r"partners?|vendors?|legitimate interest|opt out|vie privée|consentement)\b",
    re.I,
)
_TO_THE_READER = re.compile(
    r"\b(?:we|our|you|your|wir|unsere?|(?-i:Sie|Ihre)|nous|notre|vous|votre|vos|nosotros|noi|wij)\b",
    re.I,
)
# What is offered is this article, or more of it: others are offered below whole articles, too.
_THIS_ARTICLE = (
    r"(?:(?:continue|keep) reading|read(?:ing)? (?:on|more\b(?! (?:articles|stories))|"
    r"(?:the|this) (?:full|whole|entire|rest|article|story)|the rest)|"
    r"(?:unlock|access|view|see|continue to) (?:the |this )"
    r"(?:full |whole |entire |rest of the |premium )?(?:article|story|content|text))"
)
_PAYWALL = re.compile(
    r"(?:^|[.!?:,–—]\s+|please\s+|or\s+|and\s+|must\s+|to\s+)(?:subscribe|sign (?:in|up)|log ?in|"
    r"register|become a (?:member|subscriber)|create (?:an?|your) (?:free )?account|"
    r"start (?:an?|your) (?:free )?trial)\b.{0,60}?\b(?:to|and) "
    rf"{_THIS_ARTICLE}|"
    r"(?:subscribe|sign (?:in|up)|log ?in|register)\b.{0,30}\bfor (?:the|full) (?:full |whole )?"
    r"(?:article|story|access)\b|"
    r"(?:this|the) (?:article|story|content) is (?:only |exclusively )?(?:available )?"
    r"(?:for|reserved for|to) (?:our )?(?:paying |paid )?(?:subscribers|members)|"
    r"already (?:a (?:subscriber|member)|subscribed)\?|"
    r"(?:subscriber|member)s?[- ]only (?:article|story|content)|"
    r"you(?:['’]ve| have) (?:reached|used|read) (?:your|all|the) .{0,30}(?:articles|limit)|"
    r"(?:continue|keep) reading (?:with|for|by) a?|to (?:continue|keep) reading(?:,|[.!]?$)|"
    r"to read (?:on|(?:the|this) (?:full|whole|entire|rest)).{0,30}\b"
    r"(?:subscri|trial|account|sign|log)|"
    r"weiterlesen mit|jetzt (?:abonnieren|weiterlesen)|um (?:weiterzulesen|den ganzen artikel)|"
    r"(?:réservée?|la suite est réservée) aux abonnés|il vous reste \d|pour lire la suite|"
    r"para (?:seguir|continuar) leyendo|contenido exclusivo para|suscríbete para (?:leer|seguir)|"
    r"per continuare a leggere|alleen voor abonnees|om verder te lezen|lees verder met|"
    r"för att (?:läsa vidare|fortsätta läsa)|for å lese (?:videre|hele)|"
    r"for at læse (?:videre|hele)|"
    r"aby (?:czytać dalej|przeczytać cały)|para continuar (?:a )?lendo|exclusivo para assinantes|"
    r"有料会員限定|会員限定記事|続きを読むには|登录后(?:继续)?阅读|订阅后(?:继续)?阅读",
    re.I,
)
_OF_ELSE = re.compile(
    r"\b(?:comment\w*|kommentar\w*|kommentier\w*|comentar\w*|service|dienst|servicio|newsletters?|"
    r"nyhetsbrev|nieuwsbrief|alerts?)\b",
    re.I,
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_HEADLINE_LINKS = (
    "//h1//a[@href]|//h2//a[@href]|//h3//a[@href]|//h4//a[@href]|//li/a[@href]|//p/a[@href]|"
    "//a[@href][.//h1 or .//h2 or .//h3 or .//h4]"
)
_BLOCKS = ("p", "div", "section", "aside", "span", "a", "h2", "h3", "h4", "button")
_ONE_CLASS = re.compile(r"\w*\.([\w-]+)")
_FURNITURE = frozenset({"nav", "header", "footer", "aside"})
_SHORT_WORDS = 150
_PAYWALLED_WORDS = 120
_LONG_CONSENT_WORDS = 400
_LEAST_HEADLINE_WORDS = 3
_LEAST_STORIES = 5
_TEASER_WORDS = 35
_MOST_STORY_CHARACTERS = 500
_HEADLINE_DEPTH = 3
_MOST_LINKS = 500
_MOST_KICKER_CHARACTERS = 40
_FEW_WORDS = 40
_MOST_CHECK_CHARACTERS = 600
_OFFER_WORDS = 30
_ASIDE_WORDS = 15
_OFFER_CHARACTERS = 250
_MOST_OF_IT = 0.7


def refuse_non_article(page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str]) -> None:
    """Raises UnreadableInput with what the page is instead, and what to do next."""
    words = sum(count_words(paragraph) for paragraph in paragraphs)
    if words <= _SHORT_WORDS:
        _refuse_error(page, facts, paragraphs, words)
        _refuse_login(page, facts, words)
    _refuse_stub(page, facts, paragraphs)
    if words <= _LONG_CONSENT_WORDS:
        _refuse_consent(facts, paragraphs)
    _refuse_list(page, facts, paragraphs, words)


def _refuse_error(
    page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str], words: int
) -> None:
    if facts.article:
        return
    text = " ".join(paragraphs) if words <= _FEW_WORDS else ""
    window = clean_name(page.findtext(".//title")) or ""
    titles = [window, facts.title or "", *(paragraphs[:1] if text else ())]
    if any(_is_error(title, text) for title in titles):
        raise UnreadableInput("is an error page, not an article: check the address")
    shown = " ".join(page.text_content().split()) if words < _FEW_WORDS else ""
    if (
        any(_MACHINE_CHECK_TITLE.fullmatch(_PARTS.split(title)[0]) for title in titles)
        or _MACHINE_CHECK.search(text)
        or (len(shown) < _MOST_CHECK_CHARACTERS and _MACHINE_CHECK.search(shown))
    ):
        raise UnreadableInput(
            "is a check for robots or scripts, not an article: save the page from a browser"
        )


def _is_error(title: str, text: str) -> bool:
    """Whether a title says that there is no page; a number alone needs a text about pages."""
    parts = [part for part in _PARTS.split(title.strip()) if part]
    if not parts or not _ERROR.fullmatch(parts[0].strip(" .!?-")):
        return False
    return not _NUMBER.fullmatch(parts[0]) or len(parts) == 1 or _OF_PAGES.search(text) is not None


def _refuse_stub(page: HtmlElement, facts: PageFacts, paragraphs: Sequence[str]) -> None:
    """What a page offers to subscribers tells it, or that it says so itself and shows little."""
    stated = _read_stated(facts)
    sizes = [count_words(text) for text in paragraphs]
    words = sum(sizes)
    counted = str(facts.article.get("wordCount", ""))
    if counted.isdecimal() and 0 < _MOST_OF_IT * int(counted) <= words:
        return
    last = [
        text
        for number, text in enumerate(paragraphs)
        if sizes[number] <= _OFFER_WORDS and max(sizes[number + 1 :], default=0) <= _ASIDE_WORDS
    ]
    if stated != {True}:
        last.extend(_offers_below(facts.headline, paragraphs))
    is_closed = False in stated and not _shows_all_parts(page, facts)
    if (is_closed and words <= _PAYWALLED_WORDS) or any(map(_is_offer, last)):
        raise UnreadableInput(
            "holds only the beginning of a paywalled article: "
            "save the whole page after signing in, or leave it out"
        )


def _is_offer(text: str) -> bool:
    """Of this article: comments and letters are for subscribers below articles that are whole."""
    return _PAYWALL.search(text) is not None and _OF_ELSE.search(text) is None


def _read_parts(facts: PageFacts) -> list[Node]:
    return [part for part in as_list(facts.article.get("hasPart")) if isinstance(part, dict)]


def _read_stated(facts: PageFacts) -> set[bool]:
    """Whether the article, and each part of it, is said to be for all to read."""
    said = (node.get("isAccessibleForFree") for node in (facts.article, *_read_parts(facts)))
    words = {str(value).lower().rpartition("/")[2] for value in said}
    return {word == "true" for word in words & {"true", "false"}}


def _shows_all_parts(page: HtmlElement, facts: PageFacts) -> bool:
    """Whether what is behind the wall is on the page: its reader has paid."""
    parts = _read_parts(facts)
    return bool(parts) and all(_shows_part(page, part.get("cssSelector")) for part in parts)


def _shows_part(page: HtmlElement, selector: object) -> bool:
    name = _ONE_CLASS.fullmatch(selector.strip()) if isinstance(selector, str) else None
    if name is None:
        return False
    found = page.xpath(
        "//*[contains(concat(' ', @class, ' '), concat(' ', $name, ' '))]", name=name[1]
    )
    return any(count_words(element.text_content()) > _ASIDE_WORDS for element in found)


def _offers_below(headline: HtmlElement | None, paragraphs: Sequence[str]) -> list[str]:
    """The short blocks of the article's element that stand below its text and are not of it."""
    article = None if headline is None else next(headline.iterancestors("article", "main"), None)
    offers: list[str] = []
    for block in () if article is None else article.iter(*_BLOCKS):
        text = short_text(block, _OFFER_CHARACTERS)
        if text in paragraphs:
            offers = []
        elif text:
            offers.append(text)
    return offers


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
        count_words(p) for p in paragraphs if any(p in story for story in stories.values())
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
        if count_words(headline) < _LEAST_HEADLINE_WORDS or not _FURNITURE.isdisjoint(
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
