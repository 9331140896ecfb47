"""The command line: write the pages into build/site, or into the folder that is named."""

import argparse
import sys
from pathlib import Path

from logitlab.authoring import LabError
from logitlab.site.pages import write


def main(arguments: list[str] | None = None) -> int:
    """Write the site of the course in the current folder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m logitlab.site", description=__doc__)
    parser.add_argument("target", nargs="?", type=Path, default=Path("build/site"))
    target = parser.parse_args(arguments).target
    try:
        write(Path.cwd(), target)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Open {target / 'index.html'} in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
