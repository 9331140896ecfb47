"""The questions that grade an answer and say what is wrong with it, a module per lab.

Import a lab's module under the name `check`: `from logitlab.checks import softmax as check`.
Nothing here imports TensorFlow: NumPy is enough to judge.
"""
