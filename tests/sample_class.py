"""Grade a sample class of lab 01 in build/sample_class and print its grades: what `make grade` does."""

import shutil
import sys

from answers import cases
from classroom import ROOT, answered, blank, course, light, solved, submit
from logitlab.grading.cli import grade

LAB = "01_softmax"
LEARNERS = {
    "cleo": ["unshifted", "with_epsilon", "preferred", "by_hand", "argmax"],
    "dirk": ["down_the_columns", "summed", "double_softmax", "raw", "from_one"],
    "emma": ["in_float32", "one_hot", "subclassed_with_own_loss", "with_a_softmax_layer", "in_a_comprehension"],
    "finn": ["in_place", "averaged_over_classes", "from_logits_forgotten", "sigmoids", "after_softmax"],
    "gwen": ["with_loops", "in_a_loop"],
}


def main() -> int:
    folder = ROOT / "build" / "sample_class"
    shutil.rmtree(folder, ignore_errors=True)
    course(folder)
    submit(folder, "anna", LAB, solved(LAB))
    submit(folder, "bert", LAB, blank(LAB))
    by_name = {case.function.__name__: case for case in cases(LAB)}
    for student, names in LEARNERS.items():
        submit(folder, student, LAB, light(answered(blank(LAB), [by_name[name] for name in names]), LAB))
    return 0 if grade(folder, LAB) else 1


if __name__ == "__main__":
    sys.exit(main())
