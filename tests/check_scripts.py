"""Whether the types of the pages' scripts are right: `python tests/check_scripts.py STAMP`.

STAMP keeps the digest of the scripts that were found right last, so that they are checked again
only once they changed. Where there is no Node, nothing is checked, and that is told.
"""

import importlib.util
import sys
from pathlib import Path

HOOK = Path(__file__).parents[1] / "src/peelgraph/site/assets/hatch_build.py"


def main(stamp: Path) -> int:
    """Check, tell, and say by the exit code whether all was well."""
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec and spec.loader
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    digest = hook.digest()
    if stamp.exists() and stamp.read_text() == digest:
        return 0
    try:
        hook.check()
    except hook.AssetsError as failure:
        print(f"The types of the scripts: {failure}", file=sys.stderr)
        return 0 if isinstance(failure, hook.NodeMissingError) else 1
    stamp.write_text(digest)
    print("The types of the scripts are right.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
