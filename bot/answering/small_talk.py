"""Small talk: greetings, thanks and the like, with nothing else, and questions about the bot.

What is said beside them makes a question of it: "Thanks! And what about Sweden?". It is a closed
class, so a list of words tells it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

from bot.answering.facts import fold

SmallTalk = Literal["about", "thanks", "farewell", "greeting", "assent"]

_MOST_CHARACTERS = 120
_WORD = re.compile(r"[^\W_]+")
_REACTION = re.compile(
    r":(?:[+-]1|[a-z][\w+'-]*):|(?<!\w)(?:[+-]1(?!\w)|[:;=]['-]?[)(\]DPp/|](?!\w)|<3+(?!\w))"
)
# Further than this no clause of a courtesy reaches: "Thanks, …", "Hi! …", "Good morning: …".
_FIRST_CLAUSE = re.compile(r"(?P<first>[^,.!?:;–—\n]{0,40}[,.!:;–—\n]+)\s*(?P<rest>.*\w.*)", re.S)

# As `_read_phrases` compares them: without apostrophes, and where several begin alike, the longest
# first.
_ABOUT = r"""
    help(?: me)?|(?:can|could) you help(?: me)?|i need help|who are you|what are you
    |are you (?:there|real|(?:an? )?(?:bot|robot|human|ai|person))|(?:what is|whats) your name
    |what (?:can|do|could) you do(?: for me)?|what can you (?:tell me|answer|help(?: me)? with)
    |what (?:can|should|could) (?:i|we) ask(?: you)?|what do you know
    |how (?:does|do) (?:this|you)(?: bot)? work|how (?:do|can) (?:i|we) (?:use|ask) (?:this|you)
    |(?:what|which|how many) (?:articles|stories|newspapers|publishers|sources) do you (?:have|use)
    |(?:what|which) questions can you answer
    |introduce yourself|tell (?:me|us) (?:about yourself|what you can do)
    |who (?:made|built|created|runs) you
"""
_THANKS = r"""
    thank(?:s| you) for (?:that|this|it|everything|(?:the |your )?(?:help|answer|reply|info))
    |thank(?:s| you| u)(?: (?:so|very) much| a (?:lot|bunch|million))?|many thanks|thx|tnx|ty|tysm
    |(?:much |i |we )?appreciated?(?: it| that| this)?|cheers
    |danke(?: schon| sehr)?|vielen dank|merci(?: beaucoup)?|(?:muchas )?gracias|grazie(?: mille)?
    |obrigad[oa]|tack(?: sa mycket)?|takk|bedankt|dank je(?: wel)?|kiitos|dziekuje|dekuji
    |дякую|спасибо|tesekkurler|ありがとう(?:ございます)?|谢谢|감사합니다|شكرا|תודה
"""
_FAREWELL = r"""
    (?:good ?)?bye(?: bye)?|good night|farewell|cya|take care
    |see (?:you|ya)(?: (?:later|soon|tomorrow|around))?
    |have a (?:nice|good|great) (?:day|evening|night|weekend|one)
    |tschuss|auf wiedersehen|au revoir|adios|hasta luego|arrivederci|hej da|до свидания|до побачення
"""
_GREETING = r"""
    hi+|hiya|hello+|hallo|hey+|heya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)
    |how (?:are you|do you do|is it going)(?: doing)?|hows it going|(?:what is|whats) up|sup
    |(?:nice|pleased) to meet you|moin|servus|guten (?:morgen|tag|abend)|gruss gott
    |bonjour|bonsoir|salut|hola|buen[oa]s (?:dias|tardes|noches)|ciao|buongiorno|buonasera
    |ola|bom dia|boa tarde|hej|hei|ahoj|czesc|dzien dobry|dobry den|merhaba|selam|namaste
    |привет|здравствуйте|привіт|вітаю|добрий день|こんにちは|你好|안녕하세요|مرحبا|שלום
"""
_ASSENT = r"""
    (?:good|great|nice) (?:one|job|work|bot|answer|to know)|well done
    |ok(?:ay|ey|ie)?|k+|all ?right|got it|understood|i see|makes sense|sounds good|sure|fine
    |good|great|perfect|cool|awesome|excellent|super|wonderful|brilliant|lovely|wow|lol|(?:ha){2,}
    |thats? (?:(?:is|was) )?(?:very |really )?(?:helpful|useful|great|perfect|good|all|it)
    |that helps(?: a lot)?|very (?:good|nice|helpful|useful)|no problem|np|never ?mind
    |your?e? welcome
"""
# What may stand beside them and is none alone.
_FILLER = r"""
    oh|ah|aha|hm+|um|well|so|and|yes|yeah|yep|no|please|there|all|every(?:one|body)|team|folks|guys
    |my|friend|mate|dear|bot|dateline|again|now|then|too|today|for now|just
"""


def _compile(kinds: dict[str, str]) -> re.Pattern[str]:
    joined = {kind: "".join(map(str.strip, phrases.split("\n"))) for kind, phrases in kinds.items()}
    groups = "|".join(f"(?P<{kind}>{fold(phrases)})" for kind, phrases in joined.items())
    return re.compile(f"(?:{groups}) ")


_PHRASE = _compile(
    {
        "about": _ABOUT,
        "thanks": _THANKS,
        "farewell": _FAREWELL,
        "greeting": _GREETING,
        "assent": _ASSENT,
        "filler": _FILLER,
    }
)


def find_small_talk(text: str) -> SmallTalk | None:
    """What the whole text is, if there is nothing else in it. A reaction alone is an assent."""
    if len(text) > _MOST_CHARACTERS:
        return None
    bare = _REACTION.sub(" ", text)
    if not _WORD.search(bare):
        is_reaction = bare != text or any(unicodedata.category(each) == "So" for each in text)
        return "assent" if is_reaction else None
    kinds = _read_phrases(bare)
    return next((kind for kind in get_args(SmallTalk) if kind in kinds), None)


def without_courtesy(question: str) -> str:
    """The question without the greeting or thanks that it begins with: "Thanks! And …"."""
    rest = question.strip()
    while (found := _FIRST_CLAUSE.match(rest)) and find_small_talk(found["first"]) not in (
        None,
        "about",
    ):
        rest = found["rest"]
    return rest


def _read_phrases(text: str) -> set[str]:
    """The kinds of its phrases; none where a word belongs to no phrase."""
    said = "".join(f"{word} " for word in _WORD.findall(re.sub("['’]", "", fold(text))))
    kinds: set[str] = set()
    place = 0
    while place < len(said):
        found = _PHRASE.match(said, place)
        if found is None:
            return set()
        kinds.add(str(found.lastgroup))
        place = found.end()
    return kinds
