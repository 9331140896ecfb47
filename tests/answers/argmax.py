"""Answers to lab 02."""

import numpy as np

from answers import right, wrong

# log_odds


@right("log_odds")
def difference(z, i, j):
    return z[i] - z[j]


@right("log_odds")
def in_float32(z, i, j):
    return np.float32(z[i]) - np.float32(z[j])


@right("log_odds")
def with_tensorflow(z, i, j):
    import tensorflow as tf

    z = tf.constant(z)
    return tf.gather(z, i) - tf.gather(z, j)


@right("log_odds")
def as_one_number_array(z, i, j):
    return np.array(-(z[j] - z[i]))


@wrong("log_odds", 0, "i and j exchanged")
def exchanged(z, i, j):
    return z[j] - z[i]


@wrong("log_odds", 2, "by way of probabilities")
def of_probabilities(z, i, j):
    p = np.exp(z) / np.exp(z).sum()
    return np.log(p[i] / p[j])


@wrong("log_odds", 3, "by way of probabilities")
def of_good_probabilities(z, i, j):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return np.log(p[i] / p[j])


@wrong("log_odds", 0, "odds without the logarithm")
def odds(z, i, j):
    return np.exp(z[i] - z[j])


@wrong("log_odds", 0, "difference of probabilities")
def of_shares(z, i, j):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return p[i] - p[j]


@wrong("log_odds", 0, "ratio of logits")
def ratio(z, i, j):
    return z[i] / z[j]


@wrong("log_odds", 0, "against all other classes")
def against_the_rest(z, i, j):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return np.log(p[i] / (1 - p[i]))


# same_category


@right("same_category")
def shifted32(logits):
    z = logits.astype(np.float32)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1) == z.argmax(axis=1)


@right("same_category")
def with_tf(logits):
    import tensorflow as tf

    z = tf.cast(logits, tf.float32)
    return tf.equal(tf.argmax(tf.nn.softmax(z), axis=1), tf.argmax(z, axis=1))


@right("same_category")
def row_by_row(logits):
    kept = []
    for z in logits:
        e = np.exp(z - z.max())
        kept.append(int(np.argmax(e / e.sum()) == np.argmax(z)))
    return kept


@right("same_category")
def with_keras(logits):
    import keras

    p = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    return [bool(a == b) for a, b in zip(p.argmax(1), logits.argmax(1))]


@wrong("same_category", 3, "no shift")
def unshifted(logits):
    e = np.exp(logits.astype(np.float32))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1) == logits.argmax(axis=1)


@wrong("same_category", 3, "always the same, or compared in float64")
def in_float64(logits):
    z = logits.astype(float)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1) == z.argmax(axis=1)


@wrong("same_category", 3, "a tie counted as a change")
def only_alone(logits):
    z = logits.astype(np.float32)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    alone = (p == p.max(axis=1, keepdims=True)).sum(axis=1) == 1
    return (p.argmax(axis=1) == z.argmax(axis=1)) & alone


@wrong("same_category", 0, "one answer for the whole batch")
def altogether(logits):
    z = logits.astype(np.float32)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return bool(((e / e.sum(axis=1, keepdims=True)).argmax(axis=1) == z.argmax(axis=1)).all())


@wrong("same_category", 0, "the opposite")
def opposite(logits):
    z = logits.astype(np.float32)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1) != z.argmax(axis=1)


@wrong("same_category", 0, "categories instead of a comparison")
def categories(logits):
    return logits.argmax(axis=1)


@wrong("same_category", 0, "compared column by column")
def by_columns(logits):
    z = logits.astype(np.float32)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=0) == z.argmax(axis=0)


# find_tie


@right("find_tie")
def near_zero():
    return np.array([0.0, 1e-9, -1.0, -2.0], dtype=np.float32)


@right("find_tie")
def next_number():
    return np.array([0.1, np.nextafter(np.float32(0.1), np.float32(1)), -1, -2], dtype=np.float32)


@right("find_tie")
def as_a_list():
    return [1e-10, -3.0, -1e-10, -8.0]


@right("find_tie")
def three_at_once():
    import tensorflow as tf

    return tf.constant([1e-9, 2e-9, 3e-9, -5.0], dtype=tf.float32)


@wrong("find_tie", 0, "equal logits")
def equal():
    return np.array([1.0, 1.0, 0.0, -1.0], dtype=np.float32)


@wrong("find_tie", 0, "different only in float64")
def too_close():
    return np.array([1.0, 1.0 + 1e-9, 0.0, -1.0])


@wrong("find_tie", 1, "tie below the top")
def below():
    return np.array([0.0, -200.0, -300.0, -1.0], dtype=np.float32)


@wrong("find_tie", 1, "not close enough")
def a_thousandth():
    return np.array([0.0, 0.001, -1.0, -2.0], dtype=np.float32)


@wrong("find_tie", 0, "probabilities or a matrix instead of four logits")
def a_matrix():
    return np.array([[0.0, 1e-9, -1.0, -2.0]], dtype=np.float32)


@wrong("find_tie", 0, "infinite logits")
def infinite():
    return np.array([np.inf, 1.0, -1.0, -2.0], dtype=np.float32)


# top_k


@right("top_k")
def stable(logits, k):
    return np.argsort(-logits, axis=1, kind="stable")[:, :k]


@right("top_k")
def in_tensorflow(logits, k):
    import tensorflow as tf

    return tf.math.top_k(logits, k).indices


@right("top_k")
def with_sorted(logits, k):
    return [sorted(range(len(row)), key=lambda i: (-row[i], i))[:k] for row in logits.tolist()]


@right("top_k")
def repeated_argmax(logits, k):
    z = logits.astype(float).copy()
    places = []
    for _ in range(k):
        best = z.argmax(axis=1)
        places.append(best)
        z[np.arange(len(z)), best] = -np.inf
    return np.stack(places, axis=1)


@wrong("top_k", 3, "ties to the higher index")
def turned_round(logits, k):
    return np.argsort(logits, axis=1, kind="stable")[:, ::-1][:, :k]


@wrong("top_k", 1, "best last")
def rising(logits, k):
    return np.argsort(-logits, axis=1, kind="stable")[:, :k][:, ::-1]


@wrong("top_k", 0, "worst classes")
def smallest(logits, k):
    return np.argsort(logits, axis=1, kind="stable")[:, :k]


@wrong("top_k", 0, "logits instead of classes")
def values(logits, k):
    return -np.sort(-logits, axis=1)[:, :k]


@wrong("top_k", 0, "sorted down the columns")
def down(logits, k):
    return np.argsort(-logits, axis=0, kind="stable")[:, :k]


@wrong("top_k", 1, "the whole order")
def everything(logits, k):
    return np.argsort(-logits, axis=1, kind="stable")


@wrong("top_k", 4, "one dimension lost")
def squeezed(logits, k):
    return np.argsort(-logits, axis=1, kind="stable")[:, :k].squeeze()


@wrong("top_k", 2, "no order among the best")
def by_index(logits, k):
    best = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    return np.sort(best, axis=1) if k < logits.shape[1] else best
