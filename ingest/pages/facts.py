"""What a page states of its article: JSON-LD first, then meta tags, then its markup."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name
from ingest.pages.headline import find_headline, is_foreign
from ingest.pages.identity import absolute_address
from ingest.pages.json_ld import LinkedFacts, Node, as_list, read_json_ld

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Meta = Mapping[str, tuple[str, ...]]

_TITLE_TAGS = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title")
_AUTHOR_TAGS = (
    "author article:author parsely-author sailthru.author dc.creator dcterms.creator "
    "citation_author byl"
)
_SITE_TAGS = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher")
_MARKED_DATES = (
    "//*[@itemprop='datePublished' or @property='datePublished' "
    "or @property='schema:datePublished' or @property='dc:date' or @property='dc:issued']"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_]\w{2,8})*", re.I)
_SEPARATORS = " |–—·•«»:-"
_ENDS_APART = re.compile(r"[|–—·•«»:]\s?$|\s-\s?$")
_BY = re.compile(r"^(?:(?:written |posted )?by|von|par|por|di|door|av|af|text)\s*:?\s+(?=\w)", re.I)
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;|]|\s(?:and|und|et|&)\s)\s*", re.I)
_AFTER_A_NAME = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|md|dr|esq|mba)\.?", re.I)
_NO_NAME = re.compile(r"https?:|www\.|@|^\W*$", re.I)
_NO_WORD = re.compile(r"\W+")
_CUT_CHARACTERS = 60
_MOST_NAME_WORDS = 8
_MOST_UNNAMED = 2


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Addresses are as they stand, first the surest; dates are in `dates`."""

    title: str | None
    headline: HtmlElement | None
    site: str | None
    authors: tuple[str, ...]
    language: str | None
    found_at: str | None
    addresses: tuple[str, ...]
    marked_dates: tuple[str, ...]
    article: Node
    linked: LinkedFacts
    meta: Meta

    @property
    def states_article(self) -> bool:
        """Whether the page says that it is one article."""
        return bool(self.article) or "article" in self.meta.get("og:type", ())

    @property
    def all_addresses(self) -> tuple[str, ...]:
        return (*((self.found_at,) if self.found_at else ()), *self.addresses)


def read_facts(page: HtmlElement, found_at: str | None) -> PageFacts:
    linked, meta = read_json_ld(page), _read_meta(page)
    canonical = page.xpath("//link[@rel='canonical']/@href")
    headings = _clean_all(heading.text_content() for heading in page.iter("h1"))
    article = _main_article(linked, (*canonical, *meta.get("og:url", ()), found_at), headings)
    site = _read_site(linked, article, meta)
    title = _read_title(page, article, meta, headings)
    headline = find_headline(page, title)
    return PageFacts(
        title=_without_site(title, site) if title else None,
        headline=headline,
        site=site,
        authors=_read_authors(page, linked, article, meta),
        language=_read_language(page, article, meta),
        found_at=found_at,
        addresses=tuple(
            address
            for link in (*canonical, *_linked_addresses(article), *meta.get("og:url", ()))
            if (address := absolute_address(link, found_at))
        ),
        marked_dates=_clean_all(_read_marked_dates(page, headline)),
        article=article,
        linked=linked,
        meta=meta,
    )


def _read_meta(page: HtmlElement) -> Meta:
    """Contents by name in lower case, whichever attribute it stands in."""
    meta: defaultdict[str, list[str]] = defaultdict(list)
    for element in page.iter("meta"):
        content = clean_name(element.get("content"))
        if content is None:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            for name in (element.get(attribute) or "").lower().split():
                meta[name].append(content)
    return {name: tuple(contents) for name, contents in meta.items()}


def _main_article(
    linked: LinkedFacts, addresses: Iterable[str | None], headings: Iterable[str]
) -> Node:
    """The article the page is about, where it describes several; an empty node if none."""
    articles = linked.articles
    own, titles = set(addresses), set(headings)
    for article in articles:
        if own.intersection(_linked_addresses(article)):
            return article
    for article in articles:
        if _clean(article.get("headline")) in titles:
            return article
    # A page that describes many articles and is none of them lists them.
    if len({_clean(article.get("headline")) for article in articles}) > _MOST_UNNAMED:
        return {}
    stating = (node for node in articles if "headline" in node or "datePublished" in node)
    return next(stating, articles[0] if articles else {})


def _linked_addresses(article: Node) -> tuple[str, ...]:
    main = article.get("mainEntityOfPage")
    return _clean_all([article.get("url"), main.get("@id") if isinstance(main, dict) else main])


def _read_site(linked: LinkedFacts, article: Node, meta: Meta) -> str | None:
    """The publisher, by the name the page states; never guessed from the address."""
    publisher = _names(linked.follow(article.get("publisher")))
    return _first(publisher) or _first(name for tag in _SITE_TAGS for name in meta.get(tag, ()))


def _read_title(
    page: HtmlElement, article: Node, meta: Meta, headings: tuple[str, ...]
) -> str | None:
    stated = (
        *_clean_all([article.get("headline") or article.get("name")]),
        *(title for tag in _TITLE_TAGS for title in meta.get(tag, ())),
    )
    window = _clean_all(title.text_content() for title in page.xpath("//head/title"))[:1]
    # Of several headings of the first rank, the article's is in the window's title.
    fitting = [h for h in headings if len(headings) == 1 or any(h in title for title in window)]
    shown = [_squash(title) for title in (*headings, *window)]
    named = _clean_all([article.get("name")])
    others = [_squash(title) for title in (*stated[1:], *named, *window)]
    agreed = [h for h in fitting if any(_squash(h) in title for title in others)]
    # A tagline, or the site's own name, is stated as the headline and shown nowhere as one.
    if agreed and not any(_is_shown(title, shown) for title in stated[:1]):
        return agreed[0]
    return _first((*stated, *fitting, *window, *headings))


def _is_shown(title: str, shown: Iterable[str]) -> bool:
    """Also where the site's name stands beside it, or its end is cut off."""
    words = _squash(title)
    return any(words[:_CUT_CHARACTERS] in other or other in words for other in shown if other)


def _squash(title: str) -> str:
    return _NO_WORD.sub(" ", title).strip().casefold()


def _without_site(title: str, site: str | None) -> str:
    """`Accord signed | Harbour Gazette` without the second half."""
    if not site or not title.casefold().endswith(site.casefold()):
        return title
    rest = title[: -len(site)]
    return rest.rstrip(_SEPARATORS) or title if _ENDS_APART.search(rest[-3:]) else title


def _read_authors(
    page: HtmlElement, linked: LinkedFacts, article: Node, meta: Meta
) -> tuple[str, ...]:
    nodes = map(linked.follow, as_list(article.get("author")))
    stated = (name for node in nodes for name in _names(node))
    tags = (name for tag in _AUTHOR_TAGS.split() for name in meta.get(tag, ()))
    marked = page.xpath("//*[@itemprop='author']//*[@itemprop='name'] | //a[@rel='author']")
    for names in (stated, tags, (element.text_content() for element in marked)):
        if authors := tuple(dict.fromkeys(_split_names(names))):
            return authors
    return ()


def _read_marked_dates(page: HtmlElement, headline: HtmlElement | None) -> Iterator[str]:
    """Microdata and RDFa, of this page's article as far as can be told."""
    for element in page.xpath(_MARKED_DATES):
        if element.tag != "meta" and is_foreign(element, headline):
            continue
        yield element.get("content") or element.get("datetime") or element.text_content()


def _split_names(stated: Iterable[str]) -> Iterator[str]:
    """`By A and B` is two names; addresses and e-mails are none."""
    for several in stated:
        names: list[str] = []
        for name in _BETWEEN_NAMES.split(_BY.sub("", " ".join(several.split()))):
            if names and _AFTER_A_NAME.fullmatch(name):
                names[-1] += f", {name}"
            elif name and not _NO_NAME.search(name) and len(name.split()) <= _MOST_NAME_WORDS:
                names.append(name)
        yield from _clean_all(names)


def _read_language(page: HtmlElement, article: Node, meta: Meta) -> str | None:
    stated = (
        *_names(article.get("inLanguage")),
        *_clean_all(page.xpath("/html/@lang | /html/@xml:lang")),
        *meta.get("content-language", ()),
        *(locale.replace("_", "-") for locale in meta.get("og:locale", ())),
    )
    return _first(language for language in stated if _LANGUAGE.fullmatch(language))


def _names(value: object) -> Iterator[str]:
    for named in as_list(value):
        name = _clean(named.get("name") if isinstance(named, dict) else named)
        if name:
            yield name


def _clean_all(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(name for value in values if (name := _clean(value)))


def _clean(value: object) -> str | None:
    """JSON-LD is often escaped as HTML is, though it should not be."""
    return clean_name(unescape(value)) if isinstance(value, str) else None


def _first(values: Iterable[str]) -> str | None:
    return next(iter(values), None)
