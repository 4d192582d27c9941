"""`peelgraph mcp`: tools for language models, over standard input and output."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peelgraph import __version__
from peelgraph.catalogue import read_catalogue
from peelgraph.client.asking import Local
from peelgraph.commands.options import DEFAULTS, home_option, option, progress
from peelgraph.errors import PeelgraphError, SettingError
from peelgraph.sources import find_root
from peelgraph.tools import Tools

if TYPE_CHECKING:
    from mcp.server import MCPServer

_GUIDE = "peelgraph://llms.txt"
# A model that waits a minute has lost its thread; one that is sent 256 MiB has lost more.
_TIMEOUT = 20.0
_MOST = 1  # MiB
_LONGEST = 2000  # characters of what a mistake is told with: some quote what was sent


@click.command()
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=_TIMEOUT,
    show_default=True,
    help="Seconds that one question may take.",
)
@home_option
def mcp(*, timeout: float, home: Path) -> None:
    """Serve the graph to a language model by the Model Context Protocol.

    Its host starts this command and talks to it; nothing is published or changed.
    """
    try:
        from mcp.server import MCPServer  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingError(
            "the SDK of the Model Context Protocol is not installed",
            hint="run: pip install 'peelgraph[mcp]'",
        ) from error
    settings = dataclasses.replace(DEFAULTS, timeout=timeout, max_result=_MOST)
    source = Local(home, settings, progress)
    source.publish()
    tools = Tools(source, read_catalogue(find_root() / "queries"), settings)
    server = MCPServer(
        "peelgraph",
        title="peelgraph",
        version=__version__,
        website_url="https://w3id.org/peelgraph/ontology",
        instructions=f"Read {_GUIDE} first, or call search; then describe, query, explain.",
        log_level="WARNING",
    )
    _offer(server, tools)
    try:
        server.run("stdio")
    finally:
        source.close()


def _offer(server: "MCPServer[Any]", tools: Tools) -> None:
    """Let the server have each tool, and the guide as a document."""
    from mcp.types import ToolAnnotations  # noqa: PLC0415 - an extra

    # A host that knows that nothing is changed, and nobody else asked, need not ask its user.
    harmless = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in (tools.search, tools.describe, tools.query, tools.explain, tools.validate):
        server.tool(annotations=harmless)(_telling(tool))
    server.resource(_GUIDE, title="What the graph holds, and how to ask it")(tools.guide)


def _telling(tool: Callable[..., str]) -> Callable[..., str]:
    """The tool, with what fails told to the model: it can mend its query by the message."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415 - an extra

    @functools.wraps(tool)
    def called(*positional: Any, **named: Any) -> str:
        try:
            return tool(*positional, **named)
        except PeelgraphError as error:
            told = str(error)
            cut = f"{told[:_LONGEST]} ..." if len(told) > _LONGEST else told
            raise ToolError(cut) from error

    return called
