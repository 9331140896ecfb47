"""Pictures, checks, data and grading for the Logit Lab notebooks.

The rooms: `plots` draws, `checks` grades an answer and says what is wrong with it, `datasets` holds
the data, `grading` runs nbgrader, `site` writes pages. Notebooks use the first three; `grading` uses `checks`.
"""

from logitlab.quiet import quietly

__all__ = ["quietly"]
