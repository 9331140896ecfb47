"""Answers to lab 04."""

import numpy as np

from answers import right, wrong

# overflow_point


@right("overflow_point")
def log_of_the_largest(dtype):
    return float(np.log(float(np.finfo(dtype).max)))


@right("overflow_point")
def log_in_the_dtype(dtype):
    return np.log(np.finfo(dtype).max)


@right("overflow_point")
def halving(dtype):
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        if np.isfinite(np.exp(np.array(middle, dtype=dtype))):
            low = middle
        else:
            high = middle
    return low


@right("overflow_point")
def halving_with_tensorflow(dtype):
    import tensorflow as tf

    low, high = 0.0, 1000.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if bool(tf.math.is_inf(tf.exp(tf.constant(middle, dtype=dtype)))):
            high = middle
        else:
            low = middle
    return tf.constant(low, dtype=dtype)


@right("overflow_point")
def from_the_bits(dtype):
    import math

    digits, exponent = {"float16": (11, 16), "float32": (24, 128), "float64": (53, 1024)}[dtype]
    return exponent * math.log(2) + math.log1p(-(2.0**-digits))


@right("overflow_point")
def number_by_number(dtype):
    kind = np.dtype(dtype).type
    x = kind(np.log(float(np.finfo(dtype).max)))
    while np.isinf(np.exp(x)):
        x = np.nextafter(x, kind(0))
    return np.array(x)


@wrong("overflow_point", 0, "the largest number, not its logarithm")
def the_largest(dtype):
    return np.finfo(dtype).max


@wrong("overflow_point", 0, "other base of the logarithm")
def in_bits(dtype):
    return np.log2(float(np.finfo(dtype).max))


@wrong("overflow_point", 1, "another dtype's number")
def in_python_floats(dtype):
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.isfinite(np.exp(middle)) else (low, middle)
    return low


@wrong("overflow_point", 1, "another dtype's number")
def always_float32(dtype):
    return np.log(np.finfo(np.float32).max)


@wrong("overflow_point", 0, "steps too coarse")
def whole_numbers(dtype):
    x = 1
    while np.isfinite(np.exp(np.array(x + 1, dtype=dtype))):
        x += 1
    return x


@wrong("overflow_point", 0, "steps too coarse")
def first_whole_number_beyond(dtype):
    x = 1
    while np.isfinite(np.exp(np.array(x, dtype=dtype))):
        x += 1
    return x


@wrong("overflow_point", 1, "steps too coarse")
def typed(dtype):
    return {"float16": 11.09, "float32": 88.72, "float64": 709.78}[dtype]


@wrong("overflow_point", 0, "the other end")
def smallest(dtype):
    return np.log(float(np.finfo(dtype).tiny))


@wrong("overflow_point", 0, "no finite number")
def infinite(dtype):
    return np.log(np.array(np.inf, dtype=dtype))


@wrong("overflow_point", 0, "text taken for a type")
def asks_the_text(dtype):
    return np.log(dtype.max)


# logsumexp


@right("logsumexp")
def shifted(z):
    m = z.max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(z - m).sum(axis=1))


@right("logsumexp")
def shifted32(z):
    z = np.asarray(z, dtype=np.float32)
    m = z.max(axis=1, keepdims=True)
    return (m + np.log(np.exp(z - m).sum(axis=1, keepdims=True))).squeeze(1)


@right("logsumexp")
def row_by_row(z):
    import math

    rows = []
    for row in z.tolist():
        m = max(row)
        rows.append(m + math.log(math.fsum(math.exp(value - m) for value in row)))
    return rows


@right("logsumexp")
def in_pairs(z):
    return np.logaddexp.reduce(z.astype(float), axis=1)


@right("logsumexp")
def by_scipy(z):
    from scipy.special import logsumexp

    return logsumexp(z, axis=-1)


@right("logsumexp")
def by_tensorflow(z):
    import tensorflow as tf

    return tf.reduce_logsumexp(tf.cast(z, tf.float32), axis=1)


@wrong("logsumexp", 2, "no shift")
def unshifted(z):
    return np.log(np.exp(z).sum(axis=1))


@wrong("logsumexp", 0, "shift not added back")
def not_added_back(z):
    return np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1))


@wrong("logsumexp", 0, "shift not added back")
def subtracted_again(z):
    m = z.max(axis=1, keepdims=True)
    return np.log(np.exp(z - m).sum(axis=1)) - m[:, 0]


@wrong("logsumexp", 3, "one maximum for the whole batch")
def one_maximum(z):
    m = z.max()
    return m + np.log(np.exp(z - m).sum(axis=1))


@wrong("logsumexp", 3, "shift never negative")
def maximum_or_zero(z):
    m = np.maximum(0, z.max(axis=1, keepdims=True))
    return m[:, 0] + np.log(np.exp(z - m).sum(axis=1))


@wrong("logsumexp", 3, "shift never negative")
def largest_size(z):
    m = np.abs(z).max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(z - m).sum(axis=1))


@wrong("logsumexp", 0, "summed down the columns")
def down_the_columns(z):
    m = z.max(axis=0)
    return m + np.log(np.exp(z - m).sum(axis=0))


@wrong("logsumexp", 0, "one number for the whole array")
def of_everything(z):
    return z.max() + np.log(np.exp(z - z.max()).sum())


@wrong("logsumexp", 0, "axis kept")
def a_column(z):
    m = z.max(axis=1, keepdims=True)
    return m + np.log(np.exp(z - m).sum(axis=1, keepdims=True))


@wrong("logsumexp", 2, "axis dropped too early")
def without_keepdims(z):
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m).sum(axis=1))


@wrong("logsumexp", 0, "no logarithm")
def the_sum(z):
    return np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)


@wrong("logsumexp", 0, "log-softmax instead")
def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


@wrong("logsumexp", 0, "the mean instead of the sum")
def of_the_mean(z):
    m = z.max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(z - m).mean(axis=1))


@wrong("logsumexp", 4, "whole numbers kept whole")
def stored_like_z(z):
    m = z.max(axis=1, keepdims=True)
    result = np.zeros_like(z[:, 0])
    result[:] = m[:, 0] + np.log(np.exp(z - m).sum(axis=1))
    return result


@wrong("logsumexp", 4, "argument changed")
def in_place(z):
    m = z.max(axis=1, keepdims=True)
    z -= m
    return m[:, 0] + np.log(np.exp(z).sum(axis=1))


@wrong("logsumexp", 4, "whole numbers not converted")
def tensorflow_as_it_is(z):
    import tensorflow as tf

    return tf.reduce_logsumexp(z, axis=1)


# cross_entropy_from_logits


@right("cross_entropy_from_logits")
def early(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])


@right("cross_entropy_from_logits")
def early32(logits, y):
    z = logits.astype(np.float32)
    s = z - z.max(axis=1, keepdims=True)
    return np.float32(np.mean(np.log(np.exp(s).sum(axis=1)) - np.take_along_axis(s, y[:, None], axis=1)[:, 0]))


@right("cross_entropy_from_logits")
def of_differences(logits, y):
    d = logits - logits[np.arange(len(y)), y][:, None]
    return np.logaddexp.reduce(d.astype(float), axis=1).mean()


@right("cross_entropy_from_logits")
def looped(logits, y):
    import math

    total = 0.0
    for row, k in zip(logits.tolist(), y.tolist()):
        m = max(row)
        total += math.log(sum(math.exp(value - m) for value in row)) - (row[k] - m)
    return total / len(y)


@right("cross_entropy_from_logits")
def with_keras(logits, y):
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(y, logits.astype("float32"))


@right("cross_entropy_from_logits")
def with_tensorflow(logits, y):
    import tensorflow as tf

    rows = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.cast(logits, tf.float64))
    return tf.reduce_mean(rows)


@right("cross_entropy_from_logits")
def one_hot_log_softmax(logits, y):
    from scipy.special import log_softmax

    return np.array(-(np.eye(logits.shape[1])[y] * log_softmax(logits, axis=1)).sum() / len(y))


@wrong("cross_entropy_from_logits", 2, "no shift")
def by_plain_softmax(logits, y):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


@wrong("cross_entropy_from_logits", 2, "no shift")
def plain_log_sum(logits, y):
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()


@wrong("cross_entropy_from_logits", 4, "the probability stored")
def log_of_softmax(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


@wrong("cross_entropy_from_logits", 4, "the probability stored")
def log_of_tensorflow_softmax(logits, y):
    import tensorflow as tf

    p = tf.nn.softmax(tf.cast(logits, tf.float32))
    return tf.reduce_mean(-tf.math.log(tf.gather(p, y, axis=1, batch_dims=1)))


@wrong("cross_entropy_from_logits", 4, "an epsilon or a clip")
def with_epsilon(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y] + 1e-12).mean()


@wrong("cross_entropy_from_logits", 4, "an epsilon or a clip")
def keras_on_probabilities(logits, y):
    import keras
    import tensorflow as tf

    p = tf.nn.softmax(tf.cast(logits, tf.float32)).numpy()
    return keras.losses.SparseCategoricalCrossentropy()(y, p)


@wrong("cross_entropy_from_logits", 4, "subtracted too late")
def late(logits, y):
    m = logits.max(axis=1)
    return np.mean(m + np.log(np.exp(logits - m[:, None]).sum(axis=1)) - logits[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 3, "subtracted too late")
def late32(logits, y):
    z = logits.astype(np.float32)
    m = z.max(axis=1)
    return np.mean(m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 0, "shift in one term only")
def half_shifted(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(s).sum(axis=1)) - logits[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 4, "one maximum for the whole batch")
def one_shift(logits, y):
    s = logits - logits.max()
    return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 2, "summed, not averaged")
def summed(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 0, "one loss per row")
def by_rows(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]


@wrong("cross_entropy_from_logits", 0, "averaged over the classes too")
def over_all_entries(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[y] * log_p).mean()


@wrong("cross_entropy_from_logits", 2, "columns instead of entries")
def columns(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(s).sum(axis=1, keepdims=True)) - s[:, y])


@wrong("cross_entropy_from_logits", 0, "sign forgotten")
def no_minus(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    return np.mean(s[np.arange(len(y)), y] - np.log(np.exp(s).sum(axis=1)))


@wrong("cross_entropy_from_logits", 0, "logits taken for probabilities")
def no_softmax(logits, y):
    return -np.log(logits[np.arange(len(y)), y]).mean()


@wrong("cross_entropy_from_logits", 4, "argument changed")
def shifts_the_callers_array(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y])


@wrong("cross_entropy_from_logits", 4, "whole numbers not converted")
def fused_as_it_is(logits, y):
    import tensorflow as tf

    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))


# cross_entropy_grad


@right("cross_entropy_grad")
def softmax_minus_one_hot(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)


@right("cross_entropy_grad")
def one_subtracted(logits, y):
    z = logits.astype(np.float32)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


@right("cross_entropy_grad")
def entry_by_entry(logits, y):
    import math

    rows = []
    for row, true in zip(logits.tolist(), y.tolist()):
        m = max(row)
        total = sum(math.exp(value - m) for value in row)
        rows.append([(math.exp(v - m) / total - (k == true)) / len(y) for k, v in enumerate(row)])
    return rows


@right("cross_entropy_grad")
def by_tape(logits, y):
    import tensorflow as tf

    z = tf.Variable(logits.astype("float32"))
    with tf.GradientTape() as tape:
        L = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z))
    return tape.gradient(L, z)


@right("cross_entropy_grad")
def by_scipy_and_put(logits, y):
    from scipy.special import softmax

    g = softmax(logits, axis=1)
    np.put_along_axis(g, y[:, None], np.take_along_axis(g, y[:, None], 1) - 1, axis=1)
    return g / logits.shape[0]


@right("cross_entropy_grad")
def by_differences(logits, y):
    z = logits.astype(float)
    h = 1e-5

    def loss(z):
        s = z - z.max(axis=1, keepdims=True)
        return (np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]).mean()

    g = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[place] = h
        g[place] = (loss(z + step) - loss(z - step)) / (2 * h)
    return g


@wrong("cross_entropy_grad", 1, "not divided by m")
def of_the_sum(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]


@wrong("cross_entropy_grad", 0, "sign reversed")
def one_hot_minus_softmax(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (np.eye(logits.shape[1])[y] - e / e.sum(axis=1, keepdims=True)) / len(y)


@wrong("cross_entropy_grad", 0, "softmax alone")
def only_softmax(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) / len(y)


@wrong("cross_entropy_grad", 0, "gradient with respect to p")
def to_probabilities(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.eye(logits.shape[1])[y] / p / len(y)


@wrong("cross_entropy_grad", 0, "the class that the model prefers, not the true one")
def at_the_largest(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), logits.argmax(axis=1)] -= 1
    return p / len(y)


@wrong("cross_entropy_grad", 1, "whole columns changed")
def changes_columns(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[:, y] -= 1
    return p / len(y)


@wrong("cross_entropy_grad", 0, "summed over the examples")
def by_class(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]).mean(axis=0)


@wrong("cross_entropy_grad", 0, "divided by N too")
def over_everything(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / logits.size


@wrong("cross_entropy_grad", 4, "a clip on the probabilities")
def gradient_of_a_clip(logits, y):
    import tensorflow as tf

    z = tf.Variable(logits.astype("float32"))
    with tf.GradientTape() as tape:
        p = tf.clip_by_value(tf.nn.softmax(z), 1e-7, 1 - 1e-7)
        L = tf.reduce_mean(-tf.math.log(tf.gather(p, y, axis=1, batch_dims=1)))
    return tape.gradient(L, z)


@wrong("cross_entropy_grad", 3, "no shift")
def plain_softmax(logits, y):
    e = np.exp(logits)
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)


@wrong("cross_entropy_grad", 4, "one maximum for the whole batch")
def maximum_of_the_batch(logits, y):
    e = np.exp(logits - logits.max())
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)


@wrong("cross_entropy_grad", 0, "softmax down the columns")
def columns_of_softmax(logits, y):
    e = np.exp(logits)
    return (e / e.sum(axis=0) - np.eye(logits.shape[1])[y]) / len(y)


@wrong("cross_entropy_grad", 4, "whole numbers kept whole")
def stored_like_the_logits(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    g = np.zeros_like(logits)
    g[:] = (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)
    return g


@wrong("cross_entropy_grad", 4, "argument changed")
def overwrites(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    e = np.exp(logits)
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)


@wrong("cross_entropy_grad", 4, "whole numbers not converted")
def softmax_as_it_is(logits, y):
    import tensorflow as tf

    return (tf.nn.softmax(logits).numpy() - np.eye(logits.shape[1])[y]) / len(y)


# capped_loss


@right("capped_loss")
def clipped_first(p, y, eps):
    return -np.log(np.clip(p, eps, 1 - eps)[np.arange(len(y)), y]).mean()


@right("capped_loss")
def clipped_last(p, y, eps):
    with np.errstate(divide="ignore"):
        losses = -np.log(p[np.arange(len(y)), y])
    return np.mean(np.clip(losses, -np.log1p(-eps), -np.log(eps)))


@right("capped_loss")
def in_a_loop(p, y, eps):
    import math

    return sum(-math.log(min(max(row[k], eps), 1 - eps)) for row, k in zip(p.tolist(), y.tolist())) / len(y)


@right("capped_loss")
def in_float32(p, y, eps):
    import tensorflow as tf

    q = tf.clip_by_value(tf.gather(tf.cast(p, tf.float32), y, axis=1, batch_dims=1), eps, 1 - eps)
    return -tf.reduce_mean(tf.math.log(q))


@right("capped_loss")
def with_one_hot(p, y, eps):
    Y = np.eye(p.shape[1])[y]
    return np.array(-np.sum(Y * np.log(np.minimum(np.maximum(p, eps), 1 - eps))) / len(y))


@wrong("capped_loss", 2, "no clip")
def not_clipped(p, y, eps):
    return -np.log(p[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 1, "added instead of clipped")
def added(p, y, eps):
    return -np.log(p[np.arange(len(y)), y] + eps).mean()


@wrong("capped_loss", 3, "no upper limit")
def lower_only(p, y, eps):
    return -np.log(np.maximum(p, eps)[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 3, "eps of its own")
def keras_epsilon(p, y, eps):
    return -np.log(np.clip(p, 1e-7, 1 - 1e-7)[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 3, "normalised after the clip")
def sum_to_one_again(p, y, eps):
    p = np.clip(p, eps, 1 - eps)
    p = p / p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 2, "worst mistakes left out")
def masked(p, y, eps):
    q = p[np.arange(len(y)), y]
    inside = (q >= eps) & (q <= 1 - eps)
    return np.where(inside, -np.log(np.where(inside, q, 1)), 0).mean()


@wrong("capped_loss", 1, "summed, not averaged")
def sum_of_losses(p, y, eps):
    return -np.log(np.clip(p, eps, 1 - eps)[np.arange(len(y)), y]).sum()


@wrong("capped_loss", 0, "one loss per row")
def a_list(p, y, eps):
    return -np.log(np.clip(p, eps, 1 - eps)[np.arange(len(y)), y])


@wrong("capped_loss", 0, "averaged over the classes too")
def mean_of_the_table(p, y, eps):
    return -(np.eye(p.shape[1])[y] * np.log(np.clip(p, eps, 1 - eps))).mean()


@wrong("capped_loss", 0, "probabilities taken for logits")
def softmax_again(p, y, eps):
    e = np.exp(p)
    p = np.clip(e / e.sum(axis=1, keepdims=True), eps, 1 - eps)
    return -np.log(p[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 0, "sign forgotten")
def negative(p, y, eps):
    return np.log(np.clip(p, eps, 1 - eps)[np.arange(len(y)), y]).mean()


@wrong("capped_loss", 3, "argument changed")
def clips_the_callers_array(p, y, eps):
    np.clip(p, eps, 1 - eps, out=p)
    return -np.log(p[np.arange(len(y)), y]).mean()
