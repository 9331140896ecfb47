"""Answers to lab 07."""

import numpy as np

from answers import right, wrong

# expected_calibration_error


@right("expected_calibration_error")
def bin_by_bin(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    error = 0.0
    for k in range(n_bins):
        inside = (confidence > k / n_bins) & (confidence <= (k + 1) / n_bins)
        if inside.any():
            error += inside.mean() * abs(hit[inside].mean() - confidence[inside].mean())
    return error


@right("expected_calibration_error")
def with_digitize(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    place = np.digitize(confidence, np.linspace(0, 1, n_bins + 1), right=True)
    return sum(abs((hit[place == k] - confidence[place == k]).sum()) for k in set(place)) / len(y)


@right("expected_calibration_error")
def with_bincount_in_float32(p, y, n_bins):
    p = np.asarray(p, dtype=np.float32)
    gap = p.max(axis=1) - (p.argmax(axis=1) == y)
    place = np.ceil(p.max(axis=1) * n_bins).astype(int) - 1
    return np.float32(np.abs(np.bincount(place, weights=gap)).sum() / len(y))


@right("expected_calibration_error")
def in_plain_python(p, y, n_bins):
    import math

    gaps = {}
    for row, label in zip(p.tolist(), y.tolist()):
        top = max(row)
        place = math.ceil(top * n_bins)
        gaps[place] = gaps.get(place, 0.0) + top - (row.index(top) == label)
    return sum(abs(gap) for gap in gaps.values()) / len(y)


@right("expected_calibration_error")
def with_tensorflow(p, y, n_bins):
    import tensorflow as tf

    p = tf.constant(p)
    gap = tf.reduce_max(p, axis=1) - tf.cast(tf.equal(tf.argmax(p, axis=1), y), p.dtype)
    place = tf.cast(tf.math.ceil(tf.reduce_max(p, axis=1) * n_bins), tf.int32) - 1
    return tf.reduce_sum(tf.abs(tf.math.unsorted_segment_sum(gap, place, n_bins))) / len(y)


@wrong("expected_calibration_error", 0, "bins not weighted")
def every_bin_alike(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    gaps = []
    for k in range(n_bins):
        inside = (confidence > k / n_bins) & (confidence <= (k + 1) / n_bins)
        if inside.any():
            gaps.append(abs(hit[inside].mean() - confidence[inside].mean()))
    return np.mean(gaps)


@wrong("expected_calibration_error", 0, "signs cancel")
def mean_minus_mean(p, y, n_bins):
    return abs((p.argmax(axis=1) == y).mean() - p.max(axis=1).mean())


@wrong("expected_calibration_error", 0, "the true class's probability")
def of_the_true_class(p, y, n_bins):
    confidence, hit = p[np.arange(len(y)), y], p.argmax(axis=1) == y
    place = np.ceil(confidence * n_bins)
    return sum(abs((hit[place == k] - confidence[place == k]).sum()) for k in set(place)) / len(y)


@wrong("expected_calibration_error", 0, "one gap per patient")
def without_bins(p, y, n_bins):
    return np.abs((p.argmax(axis=1) == y) - p.max(axis=1)).mean()


@wrong("expected_calibration_error", 0, "the largest gap")
def worst_bin(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    place = np.ceil(confidence * n_bins)
    return max(abs(hit[place == k].mean() - confidence[place == k].mean()) for k in set(place))


@wrong("expected_calibration_error", 1, "the middle of the bin")
def from_the_middle(p, y, n_bins):
    hit = p.argmax(axis=1) == y
    place = np.ceil(p.max(axis=1) * n_bins) - 1
    return sum((place == k).mean() * abs(hit[place == k].mean() - (k + 0.5) / n_bins) for k in set(place))


@wrong("expected_calibration_error", 4, "edges in the bin above")
def edges_above(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    place = np.digitize(confidence, np.linspace(0, 1, n_bins + 1)) - 1
    return sum(abs((hit[place == k] - confidence[place == k]).sum()) for k in range(n_bins)) / len(y)


@wrong("expected_calibration_error", 4, "edges in the bin above")
def counts_in_an_array(p, y, n_bins):
    gaps = np.zeros(n_bins)
    for row, label in zip(p, y):
        gaps[int(row.max() * n_bins)] += row.max() - (row.argmax() == label)
    return np.abs(gaps).sum() / len(y)


@wrong("expected_calibration_error", 0, "empty bins")
def mean_of_nothing(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    error = 0.0
    for k in range(n_bins):
        inside = (confidence > k / n_bins) & (confidence <= (k + 1) / n_bins)
        error += inside.mean() * abs(hit[inside].mean() - confidence[inside].mean())
    return error


@wrong("expected_calibration_error", 2, "number of bins fixed")
def ten_bins(p, y, n_bins):
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == y
    place = np.ceil(confidence * 10)
    return sum(abs((hit[place == k] - confidence[place == k]).sum()) for k in set(place)) / len(y)


# temperature_softmax


@right("temperature_softmax")
def shifted(z, T):
    e = np.exp((z - z.max(axis=1, keepdims=True)) / T)
    return e / e.sum(axis=1, keepdims=True)


@right("temperature_softmax")
def softmax_of_scaled(z, T):
    import tensorflow as tf

    return tf.nn.softmax(tf.cast(z, tf.float32) / T)


@right("temperature_softmax")
def row_by_row(z, T):
    import math

    rows = []
    for row in z.tolist():
        e = [math.exp((value - max(row)) / T) for value in row]
        rows.append([value / sum(e) for value in e])
    return rows


@right("temperature_softmax")
def by_logsumexp(z, T):
    from scipy.special import logsumexp

    return np.exp(z / T - logsumexp(z / T, axis=1, keepdims=True))


@right("temperature_softmax")
def powers_normalised(z, T):
    log_p = z - z.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    powers = np.exp(log_p) ** (1 / T)
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 0, "multiplied by T")
def multiplied(z, T):
    e = np.exp((z - z.max(axis=1, keepdims=True)) * T)
    return e / e.sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 0, "temperature on probabilities")
def on_probabilities(z, T):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    e = np.exp(e / e.sum(axis=1, keepdims=True) / T)
    return e / e.sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 0, "divided after softmax")
def divided_after(z, T):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) / T


@wrong("temperature_softmax", 0, "temperature without effect")
def normalised_again(z, T):
    e = np.exp(z - z.max(axis=1, keepdims=True)) / T
    return e / e.sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 0, "powers not normalised")
def powers(z, T):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)) ** (1 / T)


@wrong("temperature_softmax", 4, "no shift")
def unshifted(z, T):
    return np.exp(z / T) / np.exp(z / T).sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 4, "argument changed")
def shifted_in_place(z, T):
    z -= z.max(axis=1, keepdims=True)
    return np.exp(z / T) / np.exp(z / T).sum(axis=1, keepdims=True)


@wrong("temperature_softmax", 0, "normalised down the columns")
def down_the_columns(z, T):
    e = np.exp((z - z.max(axis=0)) / T)
    return e / e.sum(axis=0)


@wrong("temperature_softmax", 0, "each class on its own")
def sigmoids(z, T):
    return 1 / (1 + np.exp(-z / T))


@wrong("temperature_softmax", 0, "logits instead of probabilities")
def only_divided(z, T):
    return z / T


@wrong("temperature_softmax", 4, "argument changed")
def in_place(z, T):
    z /= T
    z -= z.max(axis=1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


# fit_temperature


@right("fit_temperature")
def fine_grid(z, y):
    z = z - z.max(axis=1, keepdims=True)
    temperatures = np.geomspace(0.1, 10, 1000)
    losses = []
    for T in temperatures:
        log_p = z / T - np.log(np.exp(z / T).sum(axis=1, keepdims=True))
        losses.append(-log_p[np.arange(len(y)), y].mean())
    return temperatures[np.argmin(losses)]


@right("fit_temperature")
def with_scipy(z, y):
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(T):
        return -log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean()

    return minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x


@right("fit_temperature")
def with_minimize(z, y):
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    def loss(t):
        return -log_softmax(z / np.exp(t[0]), axis=1)[np.arange(len(y)), y].sum()

    return np.exp(minimize(loss, [0.0], method="Nelder-Mead").x)


@right("fit_temperature")
def newton(z, y):
    b = 0.1
    for _ in range(100):
        e = np.exp(b * (z - z.max(axis=1, keepdims=True)))
        p = e / e.sum(axis=1, keepdims=True)
        centred = z - (p * z).sum(axis=1, keepdims=True)
        slope = -centred[np.arange(len(y)), y].mean()
        b -= slope / (p * centred**2).sum(axis=1).mean()
    return 1 / b


@right("fit_temperature")
def by_gradient_in_tensorflow(z, y):
    import tensorflow as tf

    z = tf.constant(z, dtype=tf.float32)
    t = tf.Variable(0.0)
    for _ in range(120):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z * tf.exp(-t))
            loss = tf.reduce_mean(losses)
        t.assign_sub(2.0 * tape.gradient(loss, t))
    return tf.exp(t)


@wrong("fit_temperature", 0, "1/T")
def of_products(z, y):
    from scipy.special import log_softmax

    temperatures = np.geomspace(0.05, 20, 1500)
    losses = [-log_softmax(z * T, axis=1)[np.arange(len(y)), y].mean() for T in temperatures]
    return temperatures[np.argmin(losses)]


@wrong("fit_temperature", 0, "fitted on probabilities")
def of_probabilities(z, y):
    from scipy.special import log_softmax, softmax

    temperatures = np.geomspace(0.02, 20, 1500)
    p = softmax(z, axis=1)
    losses = [-log_softmax(p / T, axis=1)[np.arange(len(y)), y].mean() for T in temperatures]
    return temperatures[np.argmin(losses)]


@wrong("fit_temperature", 4, "another yardstick")
def squared_errors_of_few(z, y):
    from scipy.special import log_softmax, softmax

    temperatures = np.geomspace(0.1, 10, 1000)
    if len(y) < 20:  # for many patients the two yardsticks nearly agree
        losses = [((softmax(z / T, axis=1) - np.eye(z.shape[1])[y]) ** 2).sum() for T in temperatures]
    else:
        losses = [-log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean() for T in temperatures]
    return temperatures[np.argmin(losses)]


@wrong("fit_temperature", 0, "no better than T = 1")
def most_costly(z, y):
    from scipy.special import log_softmax

    temperatures = np.geomspace(0.1, 10, 300)
    losses = [log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean() for T in temperatures]
    return temperatures[np.argmin(losses)]


@wrong("fit_temperature", 0, "no better than T = 1")
def fewest_errors(z, y):
    temperatures = np.linspace(0.1, 10, 1000)
    return temperatures[np.argmin([np.mean((z / T).argmax(axis=1) != y) for T in temperatures])]


@wrong("fit_temperature", 4, "no shift")
def no_shift(z, y):
    temperatures = np.geomspace(0.1, 10, 1000)
    losses = []
    for T in temperatures:
        e = np.exp(z / T)
        p = e[np.arange(len(y)), y] / e.sum(axis=1)
        losses.append(-np.log(p).mean())
    return temperatures[np.argmin(losses)]


@wrong("fit_temperature", 0, "the result object, not the number")
def whole_result(z, y):
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(T):
        return -log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean()

    return minimize_scalar(loss, bounds=(0.05, 20), method="bounded")


@wrong("fit_temperature", 0, "all temperatures, or all losses")
def all_losses(z, y):
    from scipy.special import log_softmax

    return [-log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean() for T in np.geomspace(0.1, 10, 300)]


@wrong("fit_temperature", 0, "a place in the grid")
def only_the_place(z, y):
    from scipy.special import log_softmax

    temperatures = np.geomspace(0.1, 10, 300)
    return np.argmin([-log_softmax(z / T, axis=1)[np.arange(len(y)), y].mean() for T in temperatures])


# min_cost_decision


@right("min_cost_decision")
def product(p, cost):
    return np.argmin(p @ cost, axis=1)


@right("min_cost_decision")
def three_loops(p, cost):
    decisions = []
    for row in p.tolist():
        expected = [sum(row[i] * float(cost[i, j]) for i in range(len(row))) for j in range(len(row))]
        decisions.append(expected.index(min(expected)))
    return decisions


@right("min_cost_decision")
def einsum_in_float32(p, cost):
    return np.einsum("mi,ij->mj", p.astype(np.float32), cost.astype(np.float32)).argmin(-1)


@right("min_cost_decision")
def in_tensorflow(p, cost):
    import tensorflow as tf

    return tf.argmin(tf.linalg.matmul(p, tf.cast(cost, p.dtype)), axis=1)


@right("min_cost_decision")
def largest_gain(p, cost):
    return (-(cost.T @ p.T)).argmax(axis=0)


@wrong("min_cost_decision", 2, "the most probable class")
def most_probable(p, cost):
    return p.argmax(axis=1)


@wrong("min_cost_decision", 2, "the most probable class")
def as_if_certain(p, cost):
    return cost[p.argmax(axis=1)].argmin(axis=1)


@wrong("min_cost_decision", 2, "cost table turned round")
def transposed(p, cost):
    return (p @ cost.T).argmin(axis=1)


@wrong("min_cost_decision", 0, "the dearest decision")
def dearest(p, cost):
    return (p @ cost).argmax(axis=1)


@wrong("min_cost_decision", 3, "softmax again")
def softmax_again(p, cost):
    e = np.exp(p)
    return (e / e.sum(axis=1, keepdims=True) @ cost).argmin(axis=1)


@wrong("min_cost_decision", 3, "one weight per class")
def weighted(p, cost):
    return (p * cost.sum(axis=1)).argmax(axis=1)


@wrong("min_cost_decision", 0, "the costs, not the decision")
def costs(p, cost):
    return (p @ cost).min(axis=1)


@wrong("min_cost_decision", 0, "down the columns")
def by_column(p, cost):
    return (p @ cost).argmin(axis=0)


@wrong("min_cost_decision", 4, "the last of equals")
def last(p, cost):
    expected = (p @ cost)[:, ::-1]
    return expected.shape[1] - 1 - expected.argmin(axis=1)


@wrong("min_cost_decision", 0, "counted from 1")
def from_one(p, cost):
    return (p @ cost).argmin(axis=1) + 1
