"""Answers to lab 06."""

import numpy as np

from answers import right, wrong

# sigmoid


@right("sigmoid")
def with_where(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


@right("sigmoid")
def plain(z):
    return 1 / (1 + np.exp(-z))


@right("sigmoid")
def with_masks(z):
    p = np.empty(z.shape)
    up = z >= 0
    p[up] = 1 / (1 + np.exp(-z[up]))
    p[~up] = np.exp(z[~up]) / (1 + np.exp(z[~up]))
    return p


@right("sigmoid")
def one_by_one(z):
    import math

    if np.ndim(z):
        return [one_by_one(row) for row in z]
    e = math.exp(-abs(z))
    return 1 / (1 + e) if z >= 0 else e / (1 + e)


@right("sigmoid")
def in_float32(z):
    z = np.asarray(z, dtype=np.float32)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, np.float32(1), e) / (1 + e)


@right("sigmoid")
def with_tensorflow(z):
    import tensorflow as tf

    return tf.sigmoid(tf.cast(z, tf.float32))


@right("sigmoid")
def with_keras(z):
    import keras

    return keras.activations.sigmoid(keras.ops.cast(z, "float32"))


@right("sigmoid")
def with_scipy(z):
    from scipy.special import expit

    return expit(z)


@right("sigmoid")
def cut_where_it_does_not_matter(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


@right("sigmoid")
def softmax_with_a_zero(z):
    z = np.stack([np.zeros(z.shape), z], axis=-1)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True))[..., 1]


@wrong("sigmoid", 4, "inf over inf")
def exp_over_exp(z):
    return np.exp(z) / (1 + np.exp(z))


@wrong("sigmoid", 4, "an overflow error")
def math_exp(z):
    import math

    return np.array([1 / (1 + math.exp(-value)) for value in z.ravel()]).reshape(z.shape)


@wrong("sigmoid", 4, "one shift for the whole array")
def one_shift(z):
    m = z.max()
    return np.exp(z - m) / (np.exp(-m) + np.exp(z - m))


@wrong("sigmoid", 4, "tail lost in a difference")
def one_minus(z):
    return 1 - 1 / (1 + np.exp(z))


@wrong("sigmoid", 4, "tail lost in a difference")
def from_tanh(z):
    return (np.tanh(z / 2) + 1) / 2


@wrong("sigmoid", 4, "tail lost in a difference")
def one_minus_in_float32(z):
    return 1 - 1 / (1 + np.exp(z.astype(np.float32)))


@wrong("sigmoid", 4, "cut off")
def clipped_probability(z):
    return np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)


@wrong("sigmoid", 4, "cut off")
def clipped_logit(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


@wrong("sigmoid", 0, "the probability of class 0")
def falling(z):
    return 1 / (1 + np.exp(z))


@wrong("sigmoid", 0, "softmax over the array")
def shares(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("sigmoid", 4, "whole numbers kept whole")
def zeros_like(z):
    p = np.zeros_like(z)
    e = np.exp(-np.abs(z))
    p[...] = np.where(z >= 0, 1 / (1 + e), e / (1 + e))
    return p


@wrong("sigmoid", 4, "whole numbers kept whole")
def tensorflow_as_it_comes(z):
    import tensorflow as tf

    return tf.sigmoid(z)


@wrong("sigmoid", 0, "parentheses missing")
def no_parentheses(z):
    return 1 / 1 + np.exp(-z)


@wrong("sigmoid", 0, "written for one number")
def with_if(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


@wrong("sigmoid", 0, "written for one number")
def with_math(z):
    import math

    return 1 / (1 + math.exp(-z))


@wrong("sigmoid", 4, "argument changed")
def in_place(z):
    if z.dtype.kind == "i":
        z = z.astype(float)
    z *= -1
    return 1 / (1 + np.exp(z))


# binary_from_pair


@right("binary_from_pair")
def difference(z):
    return z[:, 1] - z[:, 0]


@right("binary_from_pair")
def with_diff(z):
    return np.diff(z, axis=1).squeeze(axis=1)


@right("binary_from_pair")
def row_by_row(z):
    return [float(b - a) for a, b in z]


@right("binary_from_pair")
def as_a_product(z):
    return z @ [-1.0, 1.0]


@right("binary_from_pair")
def in_tensorflow(z):
    import tensorflow as tf

    a, b = tf.unstack(tf.cast(z, tf.float32), axis=1)
    return b - a


@right("binary_from_pair")
def by_log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return log_p[:, 1] - log_p[:, 0]


@wrong("binary_from_pair", 0, "the other way round")
def reversed_pair(z):
    return z[:, 0] - z[:, 1]


@wrong("binary_from_pair", 3, "by way of probabilities")
def odds_of_naive_softmax(z):
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    return np.log(p[:, 1] / p[:, 0])


@wrong("binary_from_pair", 3, "by way of probabilities")
def logit_of_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = (e / e.sum(axis=1, keepdims=True))[:, 1]
    return np.log(p / (1 - p))


@wrong("binary_from_pair", 0, "the logit of class 1 alone")
def second_logit(z):
    return z[:, 1]


@wrong("binary_from_pair", 1, "a distance")
def distance(z):
    return np.abs(z[:, 1] - z[:, 0])


@wrong("binary_from_pair", 1, "a distance")
def larger_minus_smaller(z):
    return z.max(axis=1) - z.min(axis=1)


@wrong("binary_from_pair", 0, "a probability")
def probability(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True))[:, 1]


@wrong("binary_from_pair", 0, "down the columns")
def down(z):
    return z[1] - z[0]


@wrong("binary_from_pair", 0, "a column")
def as_a_column(z):
    return z[:, 1:] - z[:, :1]


@wrong("binary_from_pair", 0, "two numbers for each example")
def both_shifted(z):
    return z - z[:, :1]


@wrong("binary_from_pair", 0, "a ratio of logits")
def ratio(z):
    return z[:, 1] / z[:, 0]


# bce_from_logits


@right("bce_from_logits")
def stable(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@right("bce_from_logits")
def turned_to_the_true_class(z, y):
    return np.logaddexp(0, np.where(y == 1, -z, z)).mean()


@right("bce_from_logits")
def loss_in_a_loop(z, y):
    import math

    total = 0.0
    for logit, label in zip(z.tolist(), y.tolist()):
        margin = logit if label else -logit
        total += max(0, -margin) + math.log1p(math.exp(-abs(margin)))
    return total / len(z)


@right("bce_from_logits")
def loss_in_float32(z, y):
    z, y = z.astype(np.float32), y.astype(np.float32)
    return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean()


@right("bce_from_logits")
def loss_of_tensorflow(z, y):
    import tensorflow as tf

    z, y = tf.cast(z, tf.float32), tf.cast(y, tf.float32)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))


@right("bce_from_logits")
def loss_of_keras(z, y):
    import keras

    return keras.losses.BinaryCrossentropy(from_logits=True)(y, z)


@right("bce_from_logits")
def with_softplus(z, y):
    import tensorflow as tf

    return [float(tf.reduce_mean(tf.math.softplus(tf.constant(np.where(y == 1, -z, z)))))][0]


@wrong("bce_from_logits", 2, "probabilities first")
def textbook(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@wrong("bce_from_logits", 2, "probabilities first")
def textbook_in_float32(z, y):
    p = 1 / (1 + np.exp(-z.astype(np.float32)))
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


@wrong("bce_from_logits", 3, "probabilities first")
def probability_of_the_true_class(z, y):
    return -np.log(1 / (1 + np.exp(np.where(y == 1, -z, z)))).mean()


@wrong("bce_from_logits", 3, "exp of a large logit")
def unshifted(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)


@wrong("bce_from_logits", 4, "exp of a large logit")
def unshifted_log1p(z, y):
    return np.mean(np.log1p(np.exp(np.where(y == 1, -z, z))))


@wrong("bce_from_logits", 4, "a tiny loss lost")
def log_of_one_plus(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z))))


@wrong("bce_from_logits", 4, "a tiny loss lost")
def difference_of_large_numbers(z, y):
    return np.mean(np.logaddexp(0, z) - z * y)


@wrong("bce_from_logits", 2, "capped")
def clipped(z, y):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@wrong("bce_from_logits", 2, "capped")
def with_epsilon(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))


@wrong("bce_from_logits", 2, "capped")
def keras_on_probabilities(z, y):
    import keras

    return keras.losses.BinaryCrossentropy()(y, 1 / (1 + np.exp(-z)))


@wrong("bce_from_logits", 1, "summed, not averaged")
def summed(z, y):
    return np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@wrong("bce_from_logits", 0, "one loss per example")
def not_averaged(z, y):
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


@wrong("bce_from_logits", 0, "logits taken for probabilities")
def from_logits_forgotten(z, y):
    import keras

    return keras.losses.BinaryCrossentropy()(y, z)


@wrong("bce_from_logits", 0, "logits taken for probabilities")
def log_of_logits(z, y):
    return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))


@wrong("bce_from_logits", 0, "classes exchanged")
def other_class(z, y):
    return np.mean(np.maximum(z, 0) - z * (1 - y) + np.log1p(np.exp(-np.abs(z))))


@wrong("bce_from_logits", 0, "arguments exchanged")
def labels_as_logits(z, y):
    return np.mean(np.maximum(y, 0) - y * z + np.log1p(np.exp(-np.abs(y))))


@wrong("bce_from_logits", 1, "only class 1 counts")
def one_half_of_the_formula(z, y):
    return np.mean(y * (np.maximum(z, 0) - z + np.log1p(np.exp(-np.abs(z)))))


@wrong("bce_from_logits", 0, "sign forgotten")
def no_minus(z, y):
    return -np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


# logit_threshold


@right("logit_threshold")
def log_odds(t):
    return np.log(t / (1 - t))


@right("logit_threshold")
def two_logarithms(t):
    import math

    return math.log(t) - math.log1p(-t)


@right("logit_threshold")
def from_the_sigmoid(t):
    return -np.log(1 / t - 1)


@right("logit_threshold")
def threshold_in_float32(t):
    t = np.float32(t)
    return np.log(t / (1 - t))


@right("logit_threshold")
def threshold_with_scipy(t):
    from scipy.special import logit

    return logit(t)


@right("logit_threshold")
def threshold_with_tensorflow(t):
    import tensorflow as tf

    t = tf.constant(t, dtype=tf.float64)
    return tf.math.log(t) - tf.math.log(1 - t)


@wrong("logit_threshold", 1, "turned round")
def turned(t):
    return np.log((1 - t) / t)


@wrong("logit_threshold", 0, "odds without the logarithm")
def odds(t):
    return t / (1 - t)


@wrong("logit_threshold", 1, "logarithm of t alone")
def log_alone(t):
    return np.log(t)


@wrong("logit_threshold", 0, "the sigmoid of t")
def wrong_direction(t):
    return 1 / (1 + np.exp(-t))


@wrong("logit_threshold", 0, "the threshold left as it is")
def unchanged(t):
    return t


@wrong("logit_threshold", 1, "the threshold left as it is")
def centred(t):
    return t - 0.5


@wrong("logit_threshold", 1, "another base")
def in_bits(t):
    return np.log2(t / (1 - t))


@wrong("logit_threshold", 1, "parentheses missing")
def logarithm_of_the_numerator(t):
    return np.log(t) / (1 - t)


@wrong("logit_threshold", 0, "parentheses missing")
def no_inner_parentheses(t):
    return np.log(t / 1 - t)


@wrong("logit_threshold", 3, "an epsilon or a clip")
def guarded(t):
    t = min(max(t, 1e-7), 1 - 1e-7)
    return np.log(t / (1 - t))


# decide


@right("decide")
def by_logit(z, t):
    return z >= np.log(t / (1 - t))


@right("decide")
def by_probability(z, t):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e) >= t


@right("decide")
def in_a_list(z, t):
    import math

    return [value >= math.log(t) - math.log(1 - t) for value in z.tolist()]


@right("decide")
def decided_in_tensorflow(z, t):
    import tensorflow as tf

    return tf.sigmoid(tf.cast(z, tf.float32)) >= t


@right("decide")
def as_zeros_and_ones(z, t):
    return (z + np.log((1 - t) / t) >= 0).astype(int)


@right("decide")
def not_below(z, t):
    return ~(z.astype(np.float32) < np.float32(np.log(t) - np.log1p(-t)))


@wrong("decide", 0, "t compared with the logit")
def t_as_it_is(z, t):
    return z >= t


@wrong("decide", 0, "t compared with the logit")
def above_t(z, t):
    return z > t


@wrong("decide", 2, "the same threshold always")
def always_zero(z, t):
    return z >= 0


@wrong("decide", 0, "the same threshold always")
def always_a_half(z, t):
    return z > 0.5


@wrong("decide", 0, "yes below the threshold")
def below(z, t):
    return z < np.log(t / (1 - t))


@wrong("decide", 3, "no on the edge")
def above(z, t):
    return z > np.log(t / (1 - t))


@wrong("decide", 2, "threshold turned round")
def reversed_threshold(z, t):
    return z >= np.log((1 - t) / t)


@wrong("decide", 0, "odds without the logarithm")
def above_the_odds(z, t):
    return z >= t / (1 - t)


@wrong("decide", 0, "both sides changed")
def both_changed(z, t):
    return 1 / (1 + np.exp(-z)) >= np.log(t / (1 - t))


@wrong("decide", 3, "overflow on the way")
def nan_on_the_way(z, t):
    return np.exp(z) / (1 + np.exp(z)) >= t


@wrong("decide", 0, "probabilities instead of decisions")
def only_probabilities(z, t):
    return 1 / (1 + np.exp(-z))


@wrong("decide", 0, "one answer for all examples")
def any_of_them(z, t):
    return bool((z >= np.log(t / (1 - t))).any())
