"""The command line: finds the command asked for, and says in one line why one failed."""

import importlib
import os
import sys

import click

from peelgraph import __version__
from peelgraph.errors import PeelgraphError, VersionUnreadable, is_damage

# The module of peelgraph.commands that holds each command; imported when the command is called,
# because a query need not wait until the validator is loaded.
COMMANDS = {
    "build": "publish",
    "serve": "serve",
    "query": "query",
    "validate": "validate",
    "new": "new",
    "explain": "explain",
    "load": "publish",
    "withdraw": "publish",
    **dict.fromkeys(("versions", "diff", "rollback", "prune"), "versions"),
    "dump": "dump",
    **dict.fromkeys(("backup", "restore", "migrate"), "versions"),
    "mcp": "mcp",
}

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
_PIPE_CLOSED = 141  # 128 + SIGPIPE


class Commands(click.Group):
    """The commands by name, in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`."""
        return find_command(cmd_name) if cmd_name in COMMANDS else None


def find_command(name: str) -> click.Command:
    """Import and return one of COMMANDS."""
    module = importlib.import_module(f"peelgraph.commands.{COMMANDS[name]}")
    command = getattr(module, name)
    if not isinstance(command, click.Command):
        raise TypeError(f"{name} is no command: {command!r}")
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="peelgraph")
def peelgraph() -> None:
    """An open knowledge graph of police inspections.

    Exit codes: 0 done, 1 the data does not conform, 2 something could not be read or used.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run one command; the code to exit with."""
    try:
        result = peelgraph.main(arguments, prog_name="peelgraph", standalone_mode=False)
        sys.stdout.flush()
    except PeelgraphError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough; Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except (OSError, RuntimeError) as error:
        if not is_damage(error):
            raise
        click.echo(f"Error: {VersionUnreadable(str(error))}", err=True)
        return VersionUnreadable.exit_code
    except SystemExit:
        # The one case in which click ends the process itself: it met the closed pipe first.
        return _PIPE_CLOSED
    return result if isinstance(result, int) else 0


def main() -> None:
    """The entry point of the installed script."""
    sys.exit(run())
