"""Grading with nbgrader: the labs in the gradebook, a class graded, its grades shown."""
