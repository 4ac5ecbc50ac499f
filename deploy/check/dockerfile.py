"""What a Dockerfile says, as stages of instructions."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dockerfile_parse import DockerfileParser

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands from one FROM to the next; `name` is what others copy from it by."""

    base: str
    name: str | None
    instructions: tuple[Instruction, ...]

    def last(self, name: str) -> str | None:
        """The value of the instruction that holds in the end."""
        values = [each.value for each in self.instructions if each.name == name]
        return values[-1] if values else None


def read_stages(path: Path) -> tuple[Stage, ...]:
    instructions = [
        Instruction(found["instruction"], found["value"])
        for found in DockerfileParser(fileobj=io.BytesIO(path.read_bytes())).structure
        if found["instruction"] != "COMMENT"
    ]
    starts = [n for n, instruction in enumerate(instructions) if instruction.name == "FROM"]
    ends = [*starts[1:], len(instructions)]
    return tuple(
        _build_stage(instructions[start].value, instructions[start + 1 : end])
        for start, end in zip(starts, ends, strict=True)
    )


def _build_stage(origin: str, instructions: list[Instruction]) -> Stage:
    base, *named = origin.split()
    return Stage(base, named[1] if named else None, tuple(instructions))


def expand(value: str, variables: Mapping[str, str]) -> str:
    """With `$NAME` and `${NAME}` replaced; what is not set is empty, as in Docker."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), value)


def read_words(value: str) -> list[str]:
    """The words of ENTRYPOINT, CMD, or HEALTHCHECK in their form of a JSON array."""
    words: list[str] = json.loads(value[value.index("[") :])
    return words
