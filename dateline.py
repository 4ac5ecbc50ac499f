"""The command line. Each package brings its commands, imported when one of them is called."""

from __future__ import annotations

import _thread
import logging
import os
import sys
import threading
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup
from typing_extensions import override

from retrieval.errors import DatelineError

_INTERRUPTED = 130

COMMANDS = {
    "ingest": "ingest.commands",
    "ask": "bot.commands",
    "search": "bot.commands",
    "articles": "ingest.housekeeping",
    "index": "ingest.housekeeping",
    "reindex": "ingest.housekeeping",
    "export": "ingest.housekeeping",
    "backup": "ingest.backups",
    "restore": "ingest.backups",
    "feedback": "bot.feedback_commands",
    "serve": "bot.commands",
    "keys": "bot.commands",
    "slack": "bot.slack.commands",
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
    help="Answers questions over dated news articles, with a source for every sentence.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _main(context: typer.Context) -> None:
    # Other libraries' warnings are theirs; ours are shown.
    logging.basicConfig(level=logging.ERROR, format="dateline: %(message)s")
    for package in set(COMMANDS.values()) | {"retrieval"}:
        logging.getLogger(package.partition(".")[0]).setLevel(logging.WARNING)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Errors are one line that says what is wrong and what to do."""
    _keep_interrupts()
    _have_a_home()
    try:
        status = app(standalone_mode=False)
    except DatelineError as error:
        _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)().rstrip(".")
        _fail(f"{message}: see `dateline --help` or `dateline COMMAND --help`", 2)
    if status == _INTERRUPTED:
        _fail("interrupted: what was done is kept; run it again to continue", _INTERRUPTED)
    sys.exit(status)


def _have_a_home() -> None:
    """Chroma and Slack's SDK cannot be imported by a user without one, though they use it for
    nothing here: a number without a name, and no $HOME. The root is what Docker gives such users.
    """
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/"


def _keep_interrupts() -> None:
    """Python drops a Ctrl-C that falls into a destructor, with a traceback: give it again."""
    show = sys.unraisablehook

    def give_again(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            threading.Timer(0.05, _thread.interrupt_main).start()
        else:
            show(unraisable)

    sys.unraisablehook = give_again


def _fail(message: str, exit_code: int) -> NoReturn:
    print(f"dateline: {message}", file=sys.stderr)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
