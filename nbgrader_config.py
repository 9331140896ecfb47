"""nbgrader's settings. nbgrader reads this file when it is started in this folder."""

import os

from logitlab.authoring import find_tools
from logitlab.grading import autograde, validate

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "logit-lab"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "labs"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "README.md"]

# A clone holds the labs but no gradebook. nbgrader would skip a lab that is there already, and record nothing.
c.GenerateAssignment.force = True

# Learners' code runs in a sandbox, and the verdict is made outside of it.
autograde.install()

# The Validate button in JupyterLab says what the checks say.
validate.install()

# Seconds a cell may take. An honest one needs a few, or twenty where it imports TensorFlow from a cold disk.
c.Execute.timeout = 120
c.JudgedExecute.question_timeout = 60
c.JudgedExecute.submission_timeout = 1200

# Bytes that a learner's code may use: of memory, of disk, and of output that a cell keeps.
c.JudgedExecute.memory_bytes = 6 << 30
c.JudgedExecute.disk_bytes = 256 << 20
c.JudgedExecute.output_bytes = 2 << 20

# A feedback page has no kernel: it shows the figure, not an empty place for the sliders.
c.Execute.store_widget_state = False

# Formulas on the pages of feedback and of the formgrader are typeset beforehand, so they need no network.
c.HTMLExporter.filters = {"markdown2html": "logitlab.markdown.markdown2html"}

# The kernels inherit it: TensorFlow's log lines are stderr, which nbgrader takes for failure.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

find_tools()
