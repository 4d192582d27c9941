"""The site: the pages of this folder, and those that ontology, catalogue and software tell."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

import generating  # noqa: E402

from peelgraph import __version__  # noqa: E402

generating.write_pages(HERE.parent, HERE / "generated")

project = "peelgraph"
author = "The peelgraph maintainers"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "deploy", "notebooks"]
nitpicky = True
# Every heading down to the third level can be linked to, as GitHub does.
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"peelgraph {version}"
html_copy_source = False
html_show_sourcelink = False
highlight_language = "text"
# Pygments does not know the property paths of SPARQL 1.1, and colours such a query less strictly.
suppress_warnings = ["misc.highlighting_failure"]
