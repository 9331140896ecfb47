"""What learners ask, in their words, and the sections of the labs that settle it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A learner's question (HTML), what one does in the labs to settle it, and where: "LAB#anchor of a heading"."""

    asks: str
    settled: str
    places: tuple[str, ...]


QUESTIONS = (
    Question(
        "The category comes out right without softmax. Why should I study softmax, or use it at all?",
        "You take the category from the logits alone. Then you meet what does need softmax: the loss of these "
        "networks and its gradient, and whatever needs the size of a probability, such as a cost or a threshold.",
        (
            "01_softmax#6-the-category-needs-no-softmax",
            "04_stability#5-the-gradient",
            "07_calibration#6-decisions-that-cost",
            "09_digits#7-how-sure-is-it",
        ),
    ),
    Question(
        "Why is the category the same with and without softmax? And is it always?",
        "You follow the proof for one row, see that it does not hold between rows, and find logits for which float32 "
        "breaks it.",
        (
            "01_softmax#1-what-softmax-does",
            "02_argmax#1-within-one-row",
            "02_argmax#3-between-rows",
            "02_argmax#4-where-float32-breaks-the-tie",
        ),
    ),
    Question(
        "What does <code>from_logits=True</code> do?",
        "You train models with it and without it, and write a test that tells them apart where accuracy and loss "
        "curves do not.",
        (
            "01_softmax#what-keras-does-behind-your-back",
            "05_keras#1-four-pairs",
            "05_keras#2-a-note-on-the-output",
            "05_keras#4-two-probes",
        ),
    ),
    Question(
        "How can another formula be more accurate with the same number of bits?",
        "You look at which number each formula has to store, and write the one that stores no tiny probability. You "
        "also see where it does not help.",
        (
            "04_stability#3-same-bits-another-number",
            "04_stability#4-in-which-order-to-subtract",
            "04_stability#8-what-from-logits-true-does-not-rescue",
        ),
    ),
    Question(
        "Probabilities lie between 0 and 1. Why then a linear last layer, and not ReLU?",
        "You put a ReLU there, work out the gradient that is left, and look for the classes that a network lost.",
        (
            "01_softmax#8-why-not-relu-at-the-end",
            "03_relu#5-a-relu-at-the-end",
            "03_relu#6-training-with-a-relu-at-the-end",
        ),
    ),
    Question(
        "Then why ReLU in the hidden layers?",
        "You see what it adds, that the logits stay free, and what becomes of units that are dead.",
        (
            "03_relu#3-what-relu-does-it-bends",
            "03_relu#4-the-logits-stay-free",
            "03_relu#7-the-same-thing-inside",
        ),
    ),
    Question(
        "Why not leave every layer linear?",
        "You turn many linear layers into one, and try it on data that straight borders separate and on data that they "
        "do not.",
        (
            "03_relu#1-two-layers-without-a-bend",
            "03_relu#2-which-data-need-a-bend",
        ),
    ),
    Question(
        "Does softmax need negative inputs?",
        "You move all logits up and down together and watch the probabilities.",
        (
            "01_softmax#1-what-softmax-does",
            "03_relu#8-is-it-because-the-outputs-are-not-negative",
        ),
    ),
    Question(
        "With two classes one puts a threshold on a probability. What is its counterpart for logits?",
        "You move a threshold over 284 tumours, find its place on the logit, and see why several classes are compared "
        "with each other instead.",
        (
            "06_binary#2-one-network-one-question",
            "06_binary#exercise-2-the-threshold-on-the-logit",
            "06_binary#4-a-0-5-in-the-wrong-place",
            "06_binary#7-more-than-two-classes",
        ),
    ),
    Question(
        "What is a logit?",
        "You solve the sigmoid for its argument, and compute log-odds without an exponential.",
        (
            "06_binary#1-one-logit",
            "02_argmax#1-within-one-row",
            "06_binary#5-two-outputs-instead-of-one",
        ),
    ),
    Question(
        "Is the theory behind this more than hand-waving?",
        "It names an error before the experiment. You measure 300 vectors in two precisions, and try to break it.",
        (
            "08_error_analysis#2-counting-roundings",
            "08_error_analysis#does-it-hold",
            "08_error_analysis#is-it-too-cautious-try-to-break-it",
            "08_error_analysis#4-which-difference-first",
        ),
    ),
)
