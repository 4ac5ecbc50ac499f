"""Make a follow-up question stand alone, by rules over the questions before it.

A question that has its own subject is left alone. What a follow-up leans on is not guessed word
by word: the subject of the question before is added in brackets, which retrieval reads as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.answering.countries import COUNTRIES
from bot.answering.schema import Turn
from bot.answering.sentences import FUNCTION_WORDS
from bot.answering.small_talk import find_small_talk, without_courtesy
from retrieval.windows import without_time_words

_MOST_TOPIC_WORDS = 24
# A question of so few telling words, none of them a name, is about what was spoken of.
_FEW_WORDS = 3
# One of so many brings its own subject, whatever its pronouns.
_MANY_WORDS = 7
_END = r"[?.!\s]*$"
_CONNECTIVE = re.compile(r"^(?:and|but|so|also|then|ok(?:ay)?)\b[\s,]*", re.I)
_AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|shall|may|might)"
)
_WHAT_ABOUT = re.compile(rf"^(?:what|how) about (?P<new>.+?){_END}", re.I)
_LONE_INTERROGATIVE = re.compile(rf"^(?P<new>when|where|why){_END}", re.I)
_ASKS_LONE = re.compile(rf"^(?:when|where|why|how) (?P<rest>{_AUXILIARY}\b.+)$", re.I)
# "How many ships?" after "How many soldiers are taking part?"
_THING = rf"(?:(?!{_AUXILIARY}\b)[\w’'-]+ ?){{1,3}}"
_ASKS_THING = re.compile(rf"^(?P<which>how many|how much|which|what) {_THING}{_END}", re.I)
_ASKED_THING = re.compile(
    rf"^(?P<which>how many|how much|which|what) {_THING}(?P<rest> ?\b{_AUXILIARY}\b.+)$", re.I
)
_LEADING_INTERROGATIVE = re.compile(
    r"^(?:(?:in|on|at|by|for|from|to|with|under|of|since|until) )?"
    r"(?:how (?:many|much|long|far|often|large|big|old|high)|who(?:se|m)?|what|which|when|where|"
    rf"why|how)\b\s*|^{_AUXILIARY}\b\s*|^of (?:it|that|them|this)\b\s*|"
    rf"^(?:city|country|place|day|date|month|year) {_AUXILIARY}\b\s*",
    re.I,
)
_PERSONAL = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.I)
_PRONOUN = re.compile(
    r"(?<!made )(?<!make )\b(?:he|him|his|she|hers?|its?|they|them|theirs?|these|those)\b", re.I
)
# "Which country said it would …": the pronoun means the country.
_OWN_SUBJECT = re.compile(r"^(?:which|what) (?!of\b)[\w’'-]+.* (?:its?|they|them|theirs?)\b", re.I)
# These point back whatever name stands before them.
_POINTS_BACK = re.compile(
    rf"\b{_AUXILIARY} (?:it|that|this|they|he|she)\b(?! [A-Z])"
    r"|\b(?:about|after|against|at|before|by|for|from|in|of|on|over|since|to|with) "
    r"(?:it|them|that|this|him|these|those)(?:,|[?.!\s]*$)"
    r"|\b(?:how many|how much|which|who|any|all|some|most) of (?:it|them|that|this|these|those)\b"
    rf"|\b(?:said|says?|thinks?|thought) so\b|\bthe same\b|\b(?:there|then|that|this|else){_END}",
    re.I,
)
_NAME = re.compile(r"[^\W\d_a-z][\w’'&.-]*(?: (?:of (?:the )?)?[^\W\d_a-z][\w&.-]*)*")
_FULL_NAME = re.compile(
    r"\b[^\W\d_a-z][\w’'-]+(?: (?:van|von|de|der|al|bin|el))*(?: [^\W\d_a-z][\w’'-]+)+"
)
_BRACKETED = re.compile(r"\s*\((?P<topic>[^()]*)\)\s*$")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def make_standalone(question: str, turns: Sequence[Turn], asked_at: datetime) -> str:
    """The question as it reads without the turns before it; itself where it needs none."""
    if not turns or not leans(question):
        return question
    asked = _CONNECTIVE.sub("", without_courtesy(question))
    before = turns[-1].understood
    return (
        _take_the_place(asked, before, asked_at)
        or _ask_of_the_same(asked, before)
        or _add_topic(question, asked, turns[-1])
    )


def retrace(said: Sequence[tuple[str, str]], asked_at: datetime) -> tuple[Turn, ...]:
    """The turns of what was said, questions with answers: each understood by those before it."""
    turns: list[Turn] = []
    for question, answer in said:
        if find_small_talk(question):
            continue
        turns.append(Turn(question, make_standalone(question, turns, asked_at), answer))
    return tuple(turns)


def leans(question: str) -> bool:
    """Whether the question is about something that it does not name."""
    asked = _CONNECTIVE.sub("", without_courtesy(question))
    few = len(_telling_words(asked)) <= _FEW_WORDS
    return points_back(question) or (few and not find_names(asked))


def points_back(question: str) -> bool:
    """Whether its own words say that something was spoken of before."""
    text = without_courtesy(question)
    asked = _CONNECTIVE.sub("", text)
    names, telling = find_names(asked), len(_telling_words(asked))
    if _WHAT_ABOUT.match(asked):
        return True
    if telling >= _MANY_WORDS:
        return False
    if _POINTS_BACK.search(asked) or (asked != text and not names):
        return True
    pronoun = _PRONOUN.search(asked)
    own = telling > _FEW_WORDS and _OWN_SUBJECT.match(asked)
    if pronoun and not own and not any(asked.find(name) < pronoun.start() for name in names):
        return True
    return telling < _FEW_WORDS and asked != text


def _take_the_place(asked: str, before: str, asked_at: datetime) -> str | None:
    """ "What about France?": the earlier question, with the new one in place of its like."""
    found = _WHAT_ABOUT.match(asked)
    new = found["new"] if found else asked.rstrip("?.! ")
    if not found and (len(new.split()) > _FEW_WORDS or _LEADING_INTERROGATIVE.match(new)):
        return None
    when = f"in {new}" if _YEAR.fullmatch(new) else new
    if not _telling_words(without_time_words(when, asked_at)):
        rest = without_time_words(before, asked_at).rstrip("?.! ")
        return f"{' '.join(rest.split())} {when}?"
    name = re.sub(r"^(?:the|in|for|by|with|to|from|of|on|at) ", "", new, flags=re.I)
    if not _NAME.fullmatch(name):
        return None
    for old in find_names(before):
        if kind_of_name(old) == kind_of_name(name) and old != name:
            return re.sub(rf"\b{re.escape(old)}(?!\w)", name, before)
    return None


def _ask_of_the_same(asked: str, before: str) -> str | None:
    """ "How many ships?" or "When?": what is asked changes, what it is asked of stays."""
    lone, of_lone = _LONE_INTERROGATIVE.match(asked), _ASKS_LONE.match(before)
    if lone and of_lone:
        return f"{lone['new'].capitalize()} {of_lone['rest']}"
    thing, of_thing = _ASKS_THING.match(asked), _ASKED_THING.match(before)
    if thing and of_thing and thing["which"].lower() == of_thing["which"].lower():
        return f"{_capitalise(asked.rstrip('?.! '))} {of_thing['rest'].strip()}"
    return None


def _add_topic(question: str, asked: str, last: Turn) -> str:
    """The question as it stands, and in brackets what was spoken of before."""
    own = set(_telling_words(asked))
    spoken = _topic(last.understood).split(", ")
    topic = ", ".join(part for part in spoken if set(_telling_words(part)) - own)
    known = {word.casefold() for word in re.findall(r"\w+", f"{asked} {topic}")}
    people = (
        [
            name
            for name in _FULL_NAME.findall(last.answer)
            if not name.startswith("The ") and _is_new(name, known)
        ][:1]
        if _PERSONAL.search(asked)
        else []
    )
    words = ", ".join([*people, topic] if topic else people).split()[:_MOST_TOPIC_WORDS]
    if not words:
        return question
    return f"{_capitalise(asked.rstrip('?.! '))} ({' '.join(words)})?"


def _topic(question: str) -> str:
    """What a question is about: its words without the asking ones at its head."""
    text = question.strip().rstrip("?.! ")
    inherited = _BRACKETED.search(text)
    own = _BRACKETED.sub("", text).rstrip("?.! ")
    before = None
    while own != before:
        before, own = own, _LEADING_INTERROGATIVE.sub("", own)
    own = re.sub(r" (?:did|do|does) ", " ", own)
    return ", ".join(part for part in (own, inherited["topic"] if inherited else "") if part)


def find_names(text: str) -> list[str]:
    """What is written as a name; a question's first word, and an asking one, is none."""
    names: list[str] = []
    for found in _NAME.finditer(text):
        name = re.sub(r"['’]s?$", "", found.group())
        first, _, rest = name.partition(" ")
        if first.casefold() in FUNCTION_WORDS or _LEADING_INTERROGATIVE.match(first):
            name = rest
        elif found.start() == 0 and not rest and name not in COUNTRIES:
            name = ""
        if name:
            names.append(name)
    return names


def kind_of_name(name: str) -> str:
    if name in COUNTRIES:
        return "country"
    if name.isupper():
        return "initials"
    return "full name" if " " in name else "name"


def _telling_words(text: str) -> list[str]:
    words = re.findall(r"[\w’'-]+", text.casefold())
    return [word for word in words if word not in FUNCTION_WORDS]


def _is_new(name: str, known: set[str]) -> bool:
    return not all(word.casefold() in known for word in re.findall(r"\w+", name))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
