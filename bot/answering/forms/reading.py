"""Which form of answer a question asks for, read from how it opens; and about what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.answering.decomposition import split_question
from bot.answering.sentences import FUNCTION_WORDS

Kind = Literal["timeline", "latest", "changed", "compare", "list", "summary", "publishers"]

_MOST_KEYWORDS = 6
# With any of these it asks or states something; with the others it may be a heading's words.
_ASKING = FUNCTION_WORDS - frozenset(
    {
        "a",
        "about",
        "and",
        "at",
        "between",
        "for",
        "from",
        "in",
        "of",
        "on",
        "over",
        "the",
        "to",
        "us",
    }
)
_ON = r"(?:on|about|of|for|in|from|with|regarding|concerning|around|at|to|between|over)"
_SAY = r"(?:report|say|said|write|wrote|publish|carry|cover|tell)(?:s|ed|ing|ting|ten)?"
_MORE = r"(?:more|less|fewer|\w+er|worse)"
_DID = r"(?:do|does|did|is|are|was|were|has|have|had|will|would|can|could)"
# Each opening names its topic; the first that matches the whole question says the form.
_OPENINGS: tuple[tuple[Kind, str], ...] = (
    ("timeline", rf"(?:a |the )?(?:timeline|chronology|sequence of events|key dates) {_ON} (.+)"),
    ("timeline", r"(.+?)(?:: (?:a |the )?|,? )(?:timeline|chronology)"),
    ("timeline", rf"what happened,? (?:and )?when,? {_ON} (.+)"),
    ("timeline", r"how (?:did|has|have) (.+?) (?:unfold|unfolded|come about|play out|played out)"),
    (
        "latest",
        r"(?:what(?:['’]s| is| are| was| were)? |any )?(?:the )?(?:very )?"
        r"(?:latest|newest|most recent|recent|breaking)"
        rf"(?: news| developments?| updates?| word| reports?)? {_ON} (.+)",
    ),
    ("latest", rf"(?:is there |are there )?(?:any )?(?:news|updates?|developments?) {_ON} (.+)"),
    ("latest", rf"what(?:['’]s| is| has been)? new(?:s)? {_ON} (.+)"),
    ("latest", r"where (?:do|does) (.+?) (?:currently |now )?stand(?: now| today| at present)?"),
    ("latest", r"where (?:do|does) (.+?) (?:currently |now )?stand (?:on|over) (.+)"),
    ("latest", r"(?:latest|newest) (.+?) (?:news|updates?|developments?)"),
    ("changed", r"what(?:['’]s| is| has| have)? (?:been )?(?:changed?|different) (.+)"),
    ("changed", r"how (?:has|have|did) (.+?) (?:chang|evolv|develop)(?:e|ed)? (.+)"),
    ("changed", r"how (?:has|have) (.+?) (?:chang|evolv|develop)(?:e|ed)?"),
    ("summary", rf"(?:what(?:['’]s| is| has been) )?(?:going on|happening) {_ON} (.+)"),
    ("summary", rf"(?:a |an |the )?(?:summary|overview|recap|brief(?:ing)?|roundup) {_ON} (.+)"),
    ("summary", r"(?:summari[sz]e|recap) (.+)"),
    ("summary", r"(?:brief me|catch me up|fill me in|bring me up to date|update me) on (.+)"),
    ("summary", r"(?:tell me|what do (?:we|you) know) (?:more |all )?about (.+)"),
)
_POLITE = re.compile(
    r"^\W*(?:(?:please|hi|hello|so|ok|okay|now)\b[,!. ]*)*(?:(?:can|could|would) you (?:please )?)?"
    r"(?:(?:give|show|get|write|make|draw up)(?: (?:me|us))? )?",
    re.I,
)
_END = re.compile(r"(?:,? please)?[\s?.!]*$", re.I)
_PATTERNS = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _OPENINGS)
_PUBLISHERS = re.compile(
    rf"(?:what|how) {_DID} (?P<who>.+?) (?:each |both )?{_SAY} "
    rf"(?:(?:{_ON}|that) |(?=the ))(?P<topic>.+)",
    re.I,
)
_COMPARISONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"how (?:do|does|did|is|are) (?P<a>.+?) and (?P<b>.+?) (?:differ|compare|different)"
        rf"(?: {_ON} (?P<topic>.+))?",
        r"how (?:do|does|did|is|are) (?P<a>.+?) (?:differ(?:ent)? from|compare (?:with|to)) "
        r"(?P<b>.+?)(?: (?:on|in|over|regarding) (?P<topic>.+))?",
        r"(?:what(?:['’]s| is| are) )?the differences? between (?P<a>.+?) and (?P<b>.+?)"
        r"(?: (?:on|in|over|regarding) (?P<topic>.+))?",
        r"compare (?P<a>.+?) (?:and|with|to) (?P<b>.+?)(?: (?:on|over|regarding) (?P<topic>.+))?",
        r"(?P<a>.+?) (?:vs\.?|versus) (?P<b>.+?)(?:(?: on|:) (?P<topic>.+))?",
    )
)
_CHOICE = re.compile(
    rf"(?P<stem>(?:who|which|what|whose)\b.*?\b(?:{_MORE}|most|least|first|last|earlier|biggest|"
    r"largest|highest|longest)\b[^,:]*)[,:] (?P<a>.+?) or (?P<b>.+)",
    re.I,
)
_COMPARATIVE = re.compile(
    r"(?:which|who|what)(?: \w+)? (?P<verb>is|was|are|were) (?:the )?(?P<word>\w{2,})er"
    r"(?: one)?",
    re.I,
)
_LACKS_E = ("larg", "lat", "wid", "saf", "clos", "larges", "nic", "strang", "sever")
_NAME = r"(?:the )?[^\W\d_a-z][\w’'-]*(?: [^\W\d_a-z][\w’'-]*| (?:19|20)\d\d)*"
_PAIR = re.compile(
    rf"(?P<head>(?:Did|Does|Do|Is|Are|Was|Were|Has|Have|Will)) (?P<a>{_NAME}) or (?P<b>{_NAME})"
    rf"(?P<tail> .*\b(?i:{_MORE}|first|most|least)\b.*)"
)
_FIRST_NAME = re.compile(rf"(?<= )(?P<name>{_NAME})")
_SIDES = ("a", "b")
_THAN = re.compile(
    rf"{_DID}\b.*\b{_MORE}\b.* than (?P<b>.+)",
    re.I,
)
# What there are several of, and what articles give names to.
_NAMED = (
    r"(?:people|men|women|countries|nations|states|allies|members|cities|towns|places|companies|"
    r"firms|banks|airlines|brands|organi[sz]ations|groups|parties|leaders|politicians|ministers|"
    r"officials|candidates|players|athletes|teams|clubs|artists|actors|singers|celebrities|films|"
    r"movies|shows|books|schools|universities|exercises|operations|activities)"
)
_LIST = re.compile(
    rf"(?:which|what)(?: (?:are|were) (?:all )?the)?(?: (?:all|other))?"
    rf"(?: (?!{_DID}\b)[\w-]+){{0,2}}? {_NAMED}\b(?![’'])(?P<rest>.+)"
    r"|(?:list|name)(?: me)?(?: all)?(?: of)?(?: the)?"
    rf"(?: [\w-]+){{0,2}}? {_NAMED}\b(?P<others>.+)|who (?:all|else)\b(?P<did>.+)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison; `question` asks about it alone; without one, `topic` is
    what of it is looked for, if anything."""

    label: str
    question: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `topic` is the question without its opening; of a comparison there are
    two sides, and `publishers` are the words that name who published."""

    kind: Kind
    topic: str
    sides: tuple[Side, ...] = ()
    publishers: str = ""


def read_form(question: str) -> Asked | None:
    """None where an ordinary answer is asked for."""
    text = _END.sub("", _POLITE.sub("", question, count=1))
    for kind, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return Asked(kind, " ".join(filter(None, found.groups())).strip())
    return _read_publishers(text) or _read_comparison(text) or _read_list(text) or _read_words(text)


def _read_publishers(text: str) -> Asked | None:
    found = _PUBLISHERS.fullmatch(text)
    return found and Asked("publishers", found["topic"], publishers=found["who"])


def _read_comparison(text: str) -> Asked | None:
    if found := _CHOICE.fullmatch(text):
        a, b = found["a"], found["b"]
        return _compare(text, *(Side(each, _ask_how(found["stem"], each)) for each in (a, b)))
    if found := _PAIR.fullmatch(text):
        head, a, b, tail = found["head"], found["a"], found["b"], found["tail"]
        return _compare(text, Side(a, f"{head} {a}{tail}?"), Side(b, f"{head} {b}{tail}?"))
    if found := _THAN.fullmatch(text):
        lead = text[: found.start("b")].removesuffix(" than ")
        parts = split_question(text, ())
        if len(parts) == len(_SIDES) and (first := _FIRST_NAME.search(lead)):
            labels = (first["name"], found["b"])
            return _compare(text, *map(Side, labels, (part.text for part in parts)))
    for pattern in _COMPARISONS:
        if (found := pattern.fullmatch(text)) and _are_things(found["a"], found["b"]):
            topic = found.groupdict().get("topic") or ""
            return _compare(text, *(_ask_of(found[side], topic) for side in _SIDES))
    return None


def _compare(text: str, *sides: Side) -> Asked:
    return Asked("compare", text, tuple(sides))


def _ask_of(side: str, topic: str) -> Side:
    """Without a question of its own: what articles tell of it is looked for."""
    return Side(side, topic=topic)


def _ask_how(stem: str, side: str) -> str:
    """ "Which is larger", of one thing: "How large is it?"."""
    found = _COMPARATIVE.fullmatch(stem)
    if found is None:
        return f"{stem}, {side}?"
    word = re.sub(r"i$", "y", found["word"])
    word = word[:-1] if re.search(r"([bdgnt])\1$", word) else word
    return f"How {word}{'e' if word.endswith(_LACKS_E) else ''} {found['verb']} {side}?"


def _are_things(a: str, b: str) -> bool:
    """Names, which articles can be searched for: "yesterday and today" are none."""
    return any(word[:1].isupper() for word in a.split()) and any(
        word[:1].isupper() for word in b.split()
    )


def _read_list(text: str) -> Asked | None:
    found = _LIST.fullmatch(text)
    return found and Asked("list", found["rest"] or found["others"] or found["did"])


def _read_words(text: str) -> Asked | None:
    """One word, or keywords: too few for a sentence, and nothing that asks or states."""
    words = re.findall(r"[\w’'-]+", text)
    plain = [word.casefold() for word in words]
    if not 0 < len(words) <= _MOST_KEYWORDS or _ASKING & set(plain):
        return None
    return Asked("summary", text) if any(len(word) > 1 for word in words) else None
