"""The answer is told from what a model thinks before it, in any wrapping."""

from __future__ import annotations

import pytest

from bot.answering.drafts import declines, read_draft, shown_so_far

THOUGHT = "Denmark is sending two fighters [1]. That is another operation."
ANSWER = "Baltic Sentry is to protect cables on the bed of the Baltic Sea [2]."
SAID = ANSWER.replace(" [2]", "")
ASSISTANT = "<|start|>assistant"

MARKED = {
    "plain": ANSWER,
    "think": f"<think>{THOUGHT}</think>{ANSWER}",
    "another tag": f"<thought_process>\n{THOUGHT}\n</thought_process>\n\n{ANSWER}",
    "a tag that nobody foresaw": f"<seed:mull>{THOUGHT}</seed:mull>{ANSWER}",
    "attributes": f'<details type="reasoning" done="true"><summary>Thought for 3 s</summary>'
    f"{THOUGHT}</details>{ANSWER}",
    "tags in tags": f"<analysis>{THOUGHT}<step>{THOUGHT}</step>{THOUGHT}</analysis>{ANSWER}",
    "twice": f"<think>{THOUGHT}</think><think>{THOUGHT}</think>{ANSWER}",
    "a tag for the answer": f"<analysis>{THOUGHT}</analysis><answer>{ANSWER}</answer>",
    "the answer within a thought": f"<thinking><answer>{THOUGHT}</answer></thinking>"
    f"<final_answer>{ANSWER}</final_answer>",
    "other brackets": f"◁think▷{THOUGHT}◁/think▷{ANSWER}",
    "square brackets": f"[THINK]{THOUGHT}[/THINK]{ANSWER}",
    "harmony": f"<|channel|>analysis<|message|>{THOUGHT}<|end|>{ASSISTANT}<|channel|>final"
    f"<|message|>{ANSWER}<|return|>",
    "harmony without its ends": f"<|channel|>analysis<|message|>{THOUGHT}{ASSISTANT}"
    f"<|channel|>final<|message|>{ANSWER}",
    "harmony with a call": f"<|channel|>commentary to=f.x <|constrain|>json<|message|>{THOUGHT}"
    f"<|call|>{ASSISTANT}<|channel|>final<|message|>{ANSWER}",
    "harmony begun by the server": f"analysis<|message|>{THOUGHT}<|end|>{ASSISTANT}<|channel|>"
    f"final<|message|>{ANSWER}",
    "harmony without its tokens": f"analysis{THOUGHT}assistantcommentary{THOUGHT}assistantfinal"
    f"{ANSWER}",
    "harmony without its tokens, in lines": f"analysis\n\n{THOUGHT}\n\nassistantfinal\n\n{ANSWER}",
    "a channel": f"<|channel>thought\n{THOUGHT}<channel|>{ANSWER}",
    "tokens": f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}"
    "<|END_RESPONSE|>",
    "tokens around both": f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|>\n"
    f"<|begin_of_solution|>{ANSWER}<|end_of_solution|>",
    "a turn": f"<|im_start|>assistant\n<think>{THOUGHT}</think>{ANSWER}<|im_end|>",
    "an end": f"{ANSWER}<|eot_id|>",
    "a turn of nobody": f"{ANSWER}<|im_end|>\n<|im_start|>user\n{THOUGHT}",
    "a refusal that was thought of": f"<|channel|>analysis<|message|>If nothing fits:\nNO_ANSWER\n"
    f"but 2 fits.<|end|>{ASSISTANT}<|channel|>final<|message|>{ANSWER}",
}
UNOPENED = {
    "a tag": f"{THOUGHT}</thought_process>{ANSWER}",
    "a token": f"{THOUGHT}<｜end▁of▁thinking｜>{ANSWER}",
    "a channel": f"thought\n{THOUGHT}<channel|>{ANSWER}",
    "glued": f"{THOUGHT}assistantfinal{ANSWER}",
}
UNCLOSED = (
    f"<think>{THOUGHT}",
    f"<thought_process>{THOUGHT}</thought_process>",
    f"<|channel|>analysis<|message|>{THOUGHT}",
    f"<|channel|>analysis<|message|>{THOUGHT}<|end|>",
    f"analysis{THOUGHT}",
    f"◁think▷{THOUGHT}",
    f"[THINK]{THOUGHT}",
    f"<|channel>thought\n{THOUGHT}",
)


@pytest.mark.parametrize("draft", [*MARKED.values(), *UNOPENED.values()])
def test_nothing_of_a_thought_is_read(draft: str) -> None:
    (written,) = read_draft(draft)
    assert (written.text, written.numbers) == (SAID, (2,))
    assert not declines(draft)


@pytest.mark.parametrize("draft", MARKED.values(), ids=MARKED)
def test_nothing_of_a_thought_is_told(draft: str) -> None:
    told = ""
    for end in range(len(draft) + 1):
        shown = shown_so_far(draft[:end])
        assert shown.startswith(told)
        told = shown
    assert told.strip() == ANSWER


@pytest.mark.parametrize("draft", UNCLOSED)
def test_a_thought_without_an_answer_is_nothing(draft: str) -> None:
    assert read_draft(draft) == ()
    assert {shown_so_far(draft[:end]) for end in range(len(draft) + 1)} == {""}


@pytest.mark.parametrize(
    "draft",
    [
        "Prices fell by <5 percent, and rose by >3 percent [1].",
        "The <b>council</b> met [1].",
        "[Meridian Wire] The assistant coach left [1].",
        "Analysis of the wreck began in May [1].",
        "final talks began in May [1].",
    ],
)
def test_what_only_looks_like_a_wrapping_is_read(draft: str) -> None:
    assert [written.numbers for written in read_draft(draft)] == [(1,)]
    assert shown_so_far(draft) == draft


def test_a_long_thought_is_passed_over_in_time() -> None:
    draft = (
        "<think>" + "They mean <that> [it] is <|said|> of the pier. " * 1_000 + "</think>" + ANSWER
    )
    assert [written.text for written in read_draft(draft)] == [SAID]
