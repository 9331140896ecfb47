"""Submissions that attack their grading gain nothing, reach nothing, outlive nothing and harm nobody."""

import sys

import pytest
from attacks import ATTACKS
from attacks.assail import assail
from classroom import ROOT

BATCHES = 4
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")


@pytest.mark.long
@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_attack_does_any_harm(batch, tmp_path):
    """Nor to the honest submission that is graded before and after each."""
    harms = assail(tmp_path / "assailed", True, list(ATTACKS)[batch::BATCHES])
    assert {name: harm for name, harm in harms.items() if harm} == {}


def test_the_table_in_the_documentation_has_every_attack():
    table = (ROOT / "docs" / "attacks.md").read_text()
    for attack in ATTACKS.values():
        assert f"| {attack.name} | {attack.tries} |" in table, f"{attack.name}: cd tests; python -m attacks"
