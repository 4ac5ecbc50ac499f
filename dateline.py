"""The command line. Each package brings its commands, imported when one of them is called."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from retrieval.errors import DatelineError

COMMANDS = {
    "ingest": "ingest.commands",
    "ask": "bot.commands",
    "search": "bot.commands",
    "articles": "ingest.commands",
    "reindex": "ingest.commands",
    "serve": "bot.commands",
    "slack": "bot.commands",
    "eval": "eval.commands",
    "doctor": "bot.commands",
    "demo": "bot.commands",
}


class PackageCommands(TyperGroup):
    """Looks a command up in the package that has it."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        package = typer.main.get_group(import_module(COMMANDS[cmd_name]).app)
        return package.commands[cmd_name]


app = typer.Typer(
    cls=PackageCommands,
    help="Answers over dated news articles, every sentence with its source.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _main() -> None:
    logging.basicConfig(level=logging.WARNING, format="dateline: %(message)s")


def main() -> None:
    """Errors are one line that says what is wrong and what to do."""
    try:
        app()
    except DatelineError as error:
        print(f"dateline: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
