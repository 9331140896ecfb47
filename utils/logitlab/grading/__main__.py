"""`python -m logitlab.grading` is the command `logitlab`."""

import sys

from logitlab.grading.cli import main

if __name__ == "__main__":
    sys.exit(main())
