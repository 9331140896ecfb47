"""Print what the attacks do to stock nbgrader and to this project's grading, as a table in Markdown.

Run it in tests/: python -m attacks [NAME ...]
"""

import sys
import tempfile
from pathlib import Path

from attacks import ATTACKS
from attacks.assail import assail


def main() -> int:
    names = sys.argv[1:] or list(ATTACKS)
    with tempfile.TemporaryDirectory() as folder:
        ours = assail(Path(folder) / "ours", True, names)
        stock = assail(Path(folder) / "stock", False, [name for name in names if ATTACKS[name].stock])
    print("| attack | what it tries | stock nbgrader | here |\n|---|---|---|---|")
    for name in names:
        before = "; ".join(stock[name]) or "no harm seen" if name in stock else "not run"
        print(f"| {name} | {ATTACKS[name].tries} | {before} | {'; '.join(ours[name]) or 'held'} |")
    held = sum(not harm for harm in ours.values())
    print(
        f"\n{held} of {len(names)} attacks are held here; of {len(stock)} that were run with stock nbgrader, "
        f"{sum(not harm for harm in stock.values())}."
    )
    return 0 if held == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
