"""The helpers of other tests that are measured here too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "writes"))
