"""Answers to lab 08."""

import numpy as np

from answers import right, wrong

# ulp_error


@right("ulp_error")
def by_spacing(approx, exact):
    return np.abs(approx - exact) / np.spacing(np.abs(exact).astype(np.float32))


@right("ulp_error")
def by_next_number(approx, exact):
    near = np.abs(np.float32(exact))
    gap = np.nextafter(near, np.float32(np.inf)).astype(float) - near
    return np.abs(approx.astype(np.float64) - exact) / gap


@right("ulp_error")
def by_powers_of_two(approx, exact):
    exponent = np.frexp(exact)[1]
    return abs(approx - exact) * 2.0 ** (24 - exponent)


@right("ulp_error")
def in_loops(approx, exact):
    import math

    errors = [
        abs(a - e) / 2.0 ** (math.floor(math.log2(abs(e))) - 23)
        for a, e in zip(approx.ravel().tolist(), exact.ravel().tolist())
    ]
    return np.array(errors).reshape(exact.shape)


@right("ulp_error")
def tensors(approx, exact):
    import tensorflow as tf

    near = tf.abs(tf.cast(exact, tf.float32))
    gap = tf.cast(tf.math.nextafter(near, np.float32(np.inf)), tf.float64) - tf.cast(near, tf.float64)
    return tf.abs(tf.cast(approx, tf.float64) - exact) / gap


@wrong("ulp_error", 0, "relative error")
def relative(approx, exact):
    return np.abs(approx - exact) / np.abs(exact)


@wrong("ulp_error", 0, "relative error in units of u or eps")
def relative_in_u(approx, exact):
    return np.abs((approx - exact) / exact) / 2.0**-24


@wrong("ulp_error", 0, "relative error in units of u or eps")
def relative_in_eps(approx, exact):
    return np.abs((approx - exact) / exact) / np.finfo(np.float32).eps


@wrong("ulp_error", 1, "the gap at 1 for every number")
def gap_at_one(approx, exact):
    return np.abs(approx - exact) / np.spacing(np.float32(1)).astype(float)


@wrong("ulp_error", 0, "not divided")
def difference(approx, exact):
    return np.abs(approx - exact)


@wrong("ulp_error", 0, "the gap of float64")
def gap_of_float64(approx, exact):
    return np.abs(approx - exact) / np.spacing(np.abs(exact))


@wrong("ulp_error", 4, "the gap at the approximation")
def gap_at_approximation(approx, exact):
    return np.abs(approx - exact) / np.spacing(np.abs(approx))


@wrong("ulp_error", 2, "exact rounded before the subtraction")
def in_float32(approx, exact):
    exact = exact.astype(np.float32)
    return np.abs(approx - exact) / np.spacing(np.abs(exact))


@wrong("ulp_error", 2, "exact rounded before the subtraction")
def whole_steps(approx, exact):
    return np.round(np.abs(approx - exact) / np.spacing(np.abs(exact).astype(np.float32)))


@wrong("ulp_error", 1, "sign kept")
def signed(approx, exact):
    return (approx - exact) / np.spacing(np.abs(exact).astype(np.float32))


@wrong("ulp_error", 3, "sign kept")
def negative_gap(approx, exact):
    return np.abs(approx - exact) / np.spacing(exact.astype(np.float32))


@wrong("ulp_error", 0, "one number for all")
def largest(approx, exact):
    return np.max(np.abs(approx - exact) / np.spacing(np.abs(exact).astype(np.float32)))


# softmax_error_bound


@right("softmax_error_bound")
def counted(z):
    return len(z) + 2 + 2 * (np.max(z) - np.min(z))


@right("softmax_error_bound")
def step_by_step(z):
    shift = np.ptp(z)
    exponential = 1
    additions = z.size - 1
    numerator = shift + exponential
    denominator = shift + exponential + additions
    division = 1
    return float(numerator + denominator + division)


@right("softmax_error_bound")
def in_plain_python(z):
    z = sorted(float(value) for value in z)
    return len(z) + 2 + 2 * (z[-1] - z[0])


@right("softmax_error_bound")
def in_tensorflow(z):
    import tensorflow as tf

    z = tf.cast(z, tf.float32)
    return tf.cast(tf.size(z), tf.float32) + 2 + 2 * (tf.reduce_max(z) - tf.reduce_min(z))


@right("softmax_error_bound")
def largest_of_all_bounds(z):
    own = z.max() - z
    return (own + own.max() + len(z) + 2).max()


@wrong("softmax_error_bound", 1, "range counted once")
def shift_once(z):
    return len(z) + 2 + np.ptp(z)


@wrong("softmax_error_bound", 0, "shift forgotten")
def unshifted(z):
    return len(z) + 3


@wrong("softmax_error_bound", 1, "shift forgotten")
def additions_only(z):
    return float(len(z) + 2)


@wrong("softmax_error_bound", 0, "multiplied by u")
def times_u(z):
    return (len(z) + 2 + 2 * np.ptp(z)) * 2.0**-24


@wrong("softmax_error_bound", 0, "multiplied by u")
def times_eps(z):
    return (len(z) + 2 + 2 * np.ptp(z)) * np.finfo(float).eps


@wrong("softmax_error_bound", 1, "size instead of range")
def of_the_maximum(z):
    return len(z) + 2 + 2 * np.max(z)


@wrong("softmax_error_bound", 1, "size instead of range")
def of_the_largest_size(z):
    return len(z) + 2 + 2 * np.abs(z).max()


@wrong("softmax_error_bound", 2, "first and last instead of largest and smallest")
def as_if_sorted(z):
    return len(z) + 2 + 2 * (z[0] - z[-1])


@wrong("softmax_error_bound", 1, "range with the wrong sign")
def turned(z):
    return len(z) + 2 + 2 * (z.min() - z.max())


@wrong("softmax_error_bound", 1, "range of the probabilities")
def of_probabilities(z):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return len(z) + 2 + 2 * np.ptp(p)


@wrong("softmax_error_bound", 0, "one bound per logit")
def each(z):
    return (z.max() - z) + np.ptp(z) + len(z) + 2


@wrong("softmax_error_bound", 0, "a rounding too many or too few")
def as_many_additions_as_numbers(z):
    return len(z) + 3 + 2 * np.ptp(z)


@wrong("softmax_error_bound", 0, "a rounding too many or too few")
def no_additions(z):
    return 3 + 2 * np.ptp(z)


# log1p_goldberg


@right("log1p_goldberg")
def with_where(x):
    w = np.float32(1) + x
    with np.errstate(invalid="ignore"):
        return np.where(w == 1, x, x * np.log(w) / (w - 1))


@right("log1p_goldberg")
def number_by_number(x):
    result = np.empty_like(x)
    for k, value in enumerate(x):
        w = np.float32(1) + value
        result[k] = value if w == 1 else value * np.log(w) / (w - np.float32(1))
    return result


@right("log1p_goldberg")
def ready_made(x):
    return np.log1p(x)


@right("log1p_goldberg")
def in_python_floats(x):
    import math

    return [v if 1 + v == 1 else v * math.log(1 + v) / ((1 + v) - 1) for v in x.tolist()]


@right("log1p_goldberg")
def masked(x):
    w = 1 + x
    y = x.copy()
    some = w != 1
    y[some] *= np.log(w[some]) / (w[some] - 1)
    return y


@right("log1p_goldberg")
def by_tensorflow(x):
    import tensorflow as tf

    w = 1 + tf.constant(x)
    return tf.where(w == 1, x, x * tf.math.log(w) / (w - 1))


@right("log1p_goldberg")
def kahan(x):
    w = np.float32(1) + x
    return np.log(w) - ((w - np.float32(1)) - x) / w


@wrong("log1p_goldberg", 2, "plain log(1 + x)")
def plain(x):
    return np.log(1 + x)


@wrong("log1p_goldberg", 2, "plain log(1 + x)")
def simplified(x):
    w = np.float32(1) + x
    return np.where(w == 1, 0, x * np.log(w) / np.where(x == 0, 1, x))


@wrong("log1p_goldberg", 4, "plain log(1 + x) with more bits")
def in_float64(x):
    return np.log(1 + x.astype(np.float64)).astype(np.float32)


@wrong("log1p_goldberg", 2, "0 / 0")
def no_case(x):
    w = np.float32(1) + x
    with np.errstate(all="ignore"):
        return x * np.log(w) / (w - 1)


@wrong("log1p_goldberg", 3, "0 where 1 + x is 1")
def zero(x):
    w = np.float32(1) + x
    return np.where(w == 1, 0, x * np.log(w) / np.where(w == 1, 1, w - 1))


@wrong("log1p_goldberg", 2, "x itself")
def itself(x):
    return x


@wrong("log1p_goldberg", 3, "a few terms of the series")
def two_terms(x):
    return x - x**2 / 2


@wrong("log1p_goldberg", 3, "a few terms of the series")
def four_terms(x):
    return x - x**2 / 2 + x**3 / 3 - x**4 / 4


@wrong("log1p_goldberg", 2, "the correction upside down")
def upside_down(x):
    w = np.float32(1) + x
    return np.where(x == 0, 0, np.log(w) * (w - 1) / np.where(x == 0, 1, x))


@wrong("log1p_goldberg", 0, "the slow factor alone")
def factor(x):
    w = np.float32(1) + x
    return np.where(w == 1, 1, np.log(w) / np.where(w == 1, 1, w - 1))


@wrong("log1p_goldberg", 0, "one number at a time")
def one_number(x):
    w = np.float32(1) + x
    if w == 1:
        return x
    return x * np.log(w) / (w - 1)


# cross_entropy_at_offset


@right("cross_entropy_at_offset")
def without_offset(z, y, c):
    z = z.astype(np.float64)
    m = z.max()
    return np.log(np.exp(z - m).sum()) - (z[y] - m)


@right("cross_entropy_at_offset")
def in_32_bits(z, y, c):
    m = np.max(z)
    return np.log(np.sum(np.exp(z - m))) - (z[y] - m)


@right("cross_entropy_at_offset")
def differences_to_the_true_class(z, y, c):
    d = z.astype(float) - float(z[y])
    m = d.max()
    return m + np.log(np.exp(d - m).sum())


@right("cross_entropy_at_offset")
def exactly_with_fractions(z, y, c):
    import math
    from fractions import Fraction

    far = [Fraction(float(value)) + Fraction(c) for value in z]
    d = [float(value - max(far)) for value in far]
    return math.log(math.fsum(math.exp(value) for value in d)) - d[y]


@right("cross_entropy_at_offset")
def of_tensorflow(z, y, c):
    import tensorflow as tf

    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)


@right("cross_entropy_at_offset")
def of_scipy(z, y, c):
    from scipy.special import log_softmax

    return -log_softmax(z)[y]


@right("cross_entropy_at_offset")
def by_log1p(z, y, c):
    k = int(np.argmax(z))
    others = np.delete(z, k)
    return (z[k] - z[y]) + np.log1p(np.exp(others - z[k]).sum())


@wrong("cross_entropy_at_offset", 3, "offset added to the logits")
def added(z, y, c):
    z = z + c
    return np.log(np.exp(z - z.max()).sum()) - (z[y] - z.max())


@wrong("cross_entropy_at_offset", 4, "offset added to the logits")
def added_in_float64(z, y, c):
    z = z.astype(np.float64) + c
    return np.log(np.exp(z - z.max()).sum()) - (z[y] - z.max())


@wrong("cross_entropy_at_offset", 3, "offset added to the logits")
def added_and_taken_away(z, y, c):
    z = (z + c) - c
    return np.log(np.exp(z - z.max()).sum()) - (z[y] - z.max())


@wrong("cross_entropy_at_offset", 2, "offset added to the logits")
def added_then_log_sum_exp(z, y, c):
    z = z + c
    m = z.max()
    return (m + np.log(np.exp(z - m).sum())) - z[y]


@wrong("cross_entropy_at_offset", 4, "log-sum-exp first, then the logit")
def log_sum_exp_first(z, y, c):
    z = z.astype(float)
    m = z.max()
    return (m + np.log(np.exp(z - m).sum())) - z[y]


@wrong("cross_entropy_at_offset", 3, "no shift")
def not_shifted(z, y, c):
    return -np.log(np.exp(z)[y] / np.exp(z).sum())


@wrong("cross_entropy_at_offset", 2, "no shift")
def added_not_shifted(z, y, c):
    z = z + c
    return np.log(np.exp(z).sum()) - z[y]


@wrong("cross_entropy_at_offset", 4, "by way of the probability")
def of_the_probability(z, y, c):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return -np.log(p[y])


@wrong("cross_entropy_at_offset", 4, "epsilon in the logarithm")
def with_epsilon(z, y, c):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return -np.log(p[y] + 1e-12)


@wrong("cross_entropy_at_offset", 2, "offset left in the loss")
def plus_offset(z, y, c):
    z = z.astype(float)
    return np.log(np.exp(z - z.max()).sum()) - (z[y] - z.max()) + c


@wrong("cross_entropy_at_offset", 0, "sign forgotten")
def log_probability(z, y, c):
    return (z[y] - z.max()) - np.log(np.exp(z - z.max()).sum())


@wrong("cross_entropy_at_offset", 0, "log-sum-exp alone")
def without_the_label(z, y, c):
    return z.max() + np.log(np.exp(z - z.max()).sum())


@wrong("cross_entropy_at_offset", 0, "one loss per class")
def all_classes(z, y, c):
    return np.log(np.exp(z - z.max()).sum()) - (z - z.max())


@wrong("cross_entropy_at_offset", 4, "argument changed")
def in_place(z, y, c):
    z -= z.max()
    return np.log(np.exp(z).sum()) - z[y]
