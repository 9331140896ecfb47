"""Where the command `logitlab` begins, also as `python -m logitlab.grading`."""

import sys

STOPPED = 130  # the exit status


def main() -> int:
    """Run the command line; returns the exit status. Ctrl-C ends it with one line, also during the imports."""
    try:
        from logitlab.grading import cli

        return cli.main()
    except KeyboardInterrupt:
        print("stopped. What was graded is kept: give the same command again to go on.", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
