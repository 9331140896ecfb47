"""The checks reject the author's answers once they are changed in one place."""

import mutation
import pytest
from answers import MODULES
from classroom import TRAINED
from logitlab import quietly


@pytest.mark.long
@pytest.mark.parametrize("lab", sorted(MODULES))
def test_of_the_wrong_mutants_of_a_lab_at_least_95_percent_are_rejected(lab):
    """Of the functions that are not trained: those take many minutes, and `python tests/mutation.py`."""
    with quietly():
        names, sources = mutation.solutions(lab)
    outcomes = [mutation.run(lab, name, names, source) for name, source in sources.items() if name != TRAINED]
    wrong, rejected = sum(o.wrong for o in outcomes), sum(o.rejected for o in outcomes)
    assert wrong > 15
    assert rejected >= 0.95 * wrong, [(o.exercise, o.survivors) for o in outcomes if o.survivors]


def test_a_source_is_changed_in_one_place_at_a_time():
    changed = {line for line, _ in mutation.mutants("def f(z):\n    return z - z.max(axis=1, keepdims=True)")}
    assert changed == {
        "return z + z.max(axis=1, keepdims=True)",
        "return z.max(axis=1, keepdims=True) - z",
        "return z",
        "return z.max(axis=1, keepdims=True)",
        "return z - z.min(axis=1, keepdims=True)",
        "return z - z.max(keepdims=True)",
        "return z - z.max(axis=1)",
        "return z - z.max(axis=2, keepdims=True)",
        "return z - z.max(axis=0, keepdims=True)",
        "return z - z.max(axis=1, keepdims=False)",
    }


def test_every_mutant_called_equivalent_exists():
    known = {
        (e, line)
        for lab in MODULES
        for e, source in mutation.solutions(lab)[1].items()
        for line, _ in mutation.mutants(source)
    }
    assert set(mutation.EQUIVALENT) <= known
