"""Put the whole bank to the checks and print, for each function, what became of it: python -m answers (in tests/)."""

import sys

from logitlab import quietly

from answers import MODULES, cases, check


def main() -> int:
    with quietly():
        import keras  # noqa: F401
    failed = 0
    print(f"{'lab':20} {'function':28} {'wrong':>6} {'rejected':>9} {'named':>6} {'right':>6} {'accepted':>9}")
    for lab in MODULES:
        for exercise in dict.fromkeys(case.exercise for case in cases(lab)):
            mine = [case for case in cases(lab) if case.exercise == exercise]
            scores = {case: check(lab, exercise)(case.function, seed=1) for case in mine}
            wrong = [case for case in mine if not case.is_right]
            right = [case for case in mine if case.is_right]
            rejected = sum(scores[case] < scores[case].points for case in wrong)
            named = sum(bool(case.ideas) and scores[case].ideas == case.ideas for case in wrong)
            accepted = sum(scores[case] == scores[case].points for case in right)
            print(
                f"{lab:20} {exercise:28} {len(wrong):6} {rejected:9} {named:6} {len(right):6} {accepted:9}", flush=True
            )
            failed += len(wrong) - rejected + len(right) - accepted
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
