"""The site: the pages of this folder, and those that ontology, catalogue and software tell."""

import logging
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

import generating  # noqa: E402

from peelgraph import __version__  # noqa: E402

generating.write_pages(HERE.parent, HERE / "generated")

project = "peelgraph"
author = "The peelgraph maintainers"
version = release = __version__
extensions = ["myst_nb"]
exclude_patterns = ["_build", "deploy"]
nitpicky = True
# Notebooks are run while the site is built, so a page shows what its cells answer today. Where no home
# is named, they share one that is new; the client's signs of life are no part of an answer.
_published = tempfile.TemporaryDirectory(prefix="peelgraph-docs-")
os.environ.setdefault("PEELGRAPH_HOME", _published.name)
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_output_stderr = "remove"
nb_ipywidgets_js = {}
logging.getLogger("traitlets").setLevel(logging.WARNING)
# Every heading down to the third level can be linked to, as GitHub does.
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"peelgraph {version}"
html_copy_source = False
html_show_sourcelink = False
highlight_language = "text"
# Pygments does not know the property paths of SPARQL 1.1, and colours such a query less strictly.
suppress_warnings = ["misc.highlighting_failure"]
