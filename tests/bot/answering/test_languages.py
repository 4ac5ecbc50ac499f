"""Languages that the bundled models cannot read, and English that looks like them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.answering.answerer import build_answerer
from bot.answering.languages import is_other_language
from bot.answering.questions import build_question
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.factories import make_article
from tests.fakes import OverlapReader, ScriptedLLM

UKRAINIAN = "Хто є президентом України?"


@pytest.mark.parametrize(
    "question",
    [
        UKRAINIAN,
        "Скільки коштуватиме ремонт мосту в Далбю?",
        "Сколько будет стоить новый причал в Мосбю?",
        "Хто очолює NATO?",
        "Ποιος είναι ο πρόεδρος;",
        "كم بلغت تكلفة الجسر الجديد؟",
        "מי ראש הממשלה?",
        "NATO秘书长是谁?",
        "橋の費用はいくらですか?",
        "다리 건설 비용은 얼마입니까?",
        "पुल की लागत कितनी है?",
        "สะพานใหม่มีค่าใช้จ่ายเท่าไร",
        "Wie viele Soldaten sind im Kosovo stationiert?",
        "Wer ist der Bürgermeister von Dalby?",
        "Ile będzie kosztował remont mostu w Dalby?",
        "Combien coûtera le nouveau pont de Dalby ?",
        "¿Cuánto costará el nuevo puente?",
        "Quanto costerà il nuovo ponte?",
        "Hur mycket kostar den nya bron?",
        "Kolik bude stát nový most?",
        "Yeni köprü ne kadara mal olacak?",
        "Wann trat Finnland der NATO bei?",
        "Wer ist Generalsekretär der NATO?",
        "Was ist Baltic Sentry?",
        "Wer leitet KFOR?",
        "Kto dowodzi KFOR?",
        "Czym jest Arctic Sentry?",
        "Kto wygrał Locked Shields 2024?",
        "Qui dirige KFOR ?",
        "Qué es Baltic Sentry?",
        "Quand la Finlande a-t-elle rejoint l'OTAN ?",
        "När gick Finland med i Nato?",
        "NATO'nun genel sekreteri kim?",
    ],
)
def test_a_question_in_another_language_is_known_by_its_script_or_its_words(question: str) -> None:
    assert is_other_language(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Володимир Зеленський?",
        "Who is 习近平?",
        "What does Pravda (Правда) say?",
        "Which article says: “Причал будет стоить 42 миллиона крон”?",
        "What is the price of α-tocopherol?",
        "Who is Ursula von der Leyen?",
        "Ursula von der Leyen",
        "ursula von der leyen",
        "Anneliese van der Pol",
        "Luiz Inácio Lula da Silva",
        "Recep Tayyip Erdoğan",
        "Zabihullah Mujahid",
        "Deutsche Bahn strike",
        "Bundeswehr in Litauen brigade?",
        "Día de los Muertos isn't 'Mexican Halloween'",
        "Côte d'Ivoire cocoa prices",
        "Lou Lopez Sénéchal",
        "Photos: Russia invades Ukraine",
        "Sejm vote Tusk government",
        "2026?",
        "What did Bundeskanzler Merz say?",
        "Who leads Prawo i Sprawiedliwość?",
        "Who leads Alternative für Deutschland?",
        "What is the Bundesverfassungsgericht?",
        "Who chairs the Rada Ministrów?",
        "What did Le Monde report on Emmanuel Macron?",
        "Who owns the Frankfurter Allgemeine Zeitung?",
        "What did Der Spiegel say about Olaf Scholz?",
        "Who is Volodymyr Zelenskyy?",
        "Who runs Rassemblement National?",
        "What does La France insoumise want?",
        "Who is Władysław Kosiniak-Kamysz?",
        "Is Platforma Obywatelska in government?",
        "Who won in Baden-Württemberg?",
        "When did Koalicja Obywatelska win?",
        "Who leads Fratelli d'Italia?",
        "What did Ursula von der Leyen say in Strasbourg?",
        "What is Médecins Sans Frontières doing in Gaza?",
        "Who heads Deutsche Bahn?",
        "Why did Gazeta Wyborcza sue?",
        "Who plays for Borussia Mönchengladbach?",
        "What happened in Nuevo León?",
        "Who is mayor of São Paulo?",
        "How old is Luiz Inácio Lula da Silva?",
        "What did Recep Tayyip Erdoğan tell Sauli Niinistö?",
        "Where is Castrop-Rauxel?",
        "Did Gitanas Nausėda host Mevlüt Çavuşoğlu?",
        "Who is Özkan Ulutaş?",
        "Does Norges Bank set rates?",
        "What is the Guardia Civil?",
        "Who leads Junts per Catalunya?",
        "Whom did Pål Jonson meet?",
        "What is Huis ten Bosch?",
        "How large is Schleswig-Holstein?",
        "When was Ordo Iuris founded?",
        "Has Sverigedemokraterna gained?",
        "Which Länder border Mecklenburg-Vorpommern?",
        "Who publishes Helsingin Sanomat?",
        "Is Universität der Bundeswehr in Munich?",
        "Did Telewizja Polska air Tucker Carlson?",
        "Who sings Die Gedanken sind frei?",
        "What is Lex Tusk?",
        "Is Le Pen barred?",
        "who leads die linke?",
        "?",
    ],
)
def test_english_is_never_taken_for_another_language_whatever_it_names(question: str) -> None:
    assert not is_other_language(question)


@pytest.mark.parametrize("question", [UKRAINIAN, "Wer ist der Bürgermeister von Dalby?"])
def test_the_built_in_models_decline_what_they_cannot_read(shelf: Shelf, question: str) -> None:
    shelf.put(make_article(text=f"{question} Маяк. Der Bürgermeister von Dalby ist krank."))
    answer = shelf.build_answerer().answer(build_question(question))
    assert answer.abstention is not None
    assert answer.abstention.reason == "other_language"
    assert "Ask in English" in answer.abstention.message
    assert answer.abstention.closest == ()
    assert answer.citations == ()


def test_a_model_is_asked_in_any_language(shelf: Shelf) -> None:
    shelf.put(make_article())
    llm = ScriptedLLM(["NO_ANSWER"])
    answer = shelf.build_answerer(llm).answer(build_question(UKRAINIAN))
    assert answer.abstention is not None
    assert answer.abstention.reason == "model_declined"


def test_another_embedding_model_may_read_the_language(shelf: Shelf) -> None:
    shelf.put(make_article())
    retriever = shelf.retriever
    retriever.embedder.model_name = "multilingual-e5-small"  # type: ignore[misc]
    answer = build_answerer(retriever, None, BotSettings(), OverlapReader()).answer(
        build_question(UKRAINIAN)
    )
    assert answer.abstention is not None
    assert answer.abstention.reason == "no_evidence"


def test_a_question_in_plain_english_does_not_load_the_identifier() -> None:
    ask = (
        "import sys; from bot.answering.languages import is_other_language; "
        "is_other_language('Who chaired the talks of the allies in The Hague?'); "
        "sys.exit('py3langid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
