"""Tests here share a small world; it is no package, so its folder is put on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
