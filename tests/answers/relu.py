"""Answers to lab 03."""

import numpy as np

from answers import Case, right, softmax, wrong

# collapse


@right("collapse")
def layer_after_layer(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W @ W_k, b @ W_k + b_k
    return W, b


@right("collapse")
def by_probing(weights, biases):
    def net(X):
        for W, b in zip(weights, biases):
            X = X @ W + b
        return X

    n = weights[0].shape[0]
    b = net(np.zeros((1, n)))[0]
    return [(net(np.eye(n)) - b).tolist(), b.tolist()]


@right("collapse")
def from_the_last_layer_in_float32(weights, biases):
    W = np.eye(weights[-1].shape[1], dtype=np.float32)
    b = np.zeros(weights[-1].shape[1], dtype=np.float32)
    for W_k, b_k in list(zip(weights, biases))[::-1]:
        b = b + b_k.astype(np.float32) @ W
        W = W_k.astype(np.float32) @ W
    return W, b


@right("collapse")
def with_tensorflow_and_a_column_of_ones(weights, biases):
    import tensorflow as tf

    def extended(W, b):
        W = tf.concat([W, b[None, :]], axis=0)
        last = tf.one_hot([W.shape[0] - 1], W.shape[0], dtype=tf.float64)
        return tf.concat([W, tf.transpose(last)], axis=1)

    M = extended(weights[0], biases[0])
    for W, b in zip(weights[1:], biases[1:]):
        M = M @ extended(W, b)
    return M[:-1, :-1], M[-1, :-1]


@right("collapse")
def one_layer_at_a_time_by_itself(weights, biases):
    if len(weights) == 1:
        return weights[0], biases[0]
    W, b = one_layer_at_a_time_by_itself(weights[1:], biases[1:])
    return weights[0].dot(W), biases[0].dot(W) + b


@wrong("collapse", 1, "biases not passed on")
def last_bias(weights, biases):
    W = weights[0]
    for W_k in weights[1:]:
        W = W @ W_k
    return W, biases[-1]


@wrong("collapse", 0, "last bias forgotten")
def without_the_last_bias(weights, biases):
    W, b = weights[0], 0 * biases[0]
    for W_k, b_k in zip(weights[1:], biases):
        W, b = W @ W_k, (b + b_k) @ W_k
    return W, b


@wrong("collapse", 1, "biases added up")
def sum_of_biases(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W @ W_k, b + b_k
    return W, b


@wrong("collapse", 1, "order of the layers reversed")
def reversed_order(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W_k @ W, b @ W_k + b_k
    return W, b


@wrong("collapse", 1, "order of the layers reversed")
def columns_as_in_other_books(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = np.dot(W_k, W), np.dot(W_k, b) + b_k
    return W, b


@wrong("collapse", 0, "transposed")
def transposed(weights, biases):
    W, b = weights[0].T, biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W_k.T @ W, W_k.T @ b + b_k
    return W, b


@wrong("collapse", 1, "entry by entry")
def starred(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W * W_k, b * W_k + b_k
    return W, b


@wrong("collapse", 2, "two layers only")
def two_layers(weights, biases):
    (W1, W2), (b1, b2) = (weights[0], weights[1]), (biases[0], biases[1])
    return W1 @ W2, b1 @ W2 + b2


@wrong("collapse", 0, "a bias of two dimensions")
def bias_as_a_row(weights, biases):
    W, b = weights[0], biases[0][None, :]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W @ W_k, b @ W_k + b_k
    return W, b


@wrong("collapse", 0, "only W")
def no_bias(weights, biases):
    W = weights[0]
    for W_k in weights[1:]:
        W = W @ W_k
    return W


@wrong("collapse", 0, "b before W")
def bias_first(weights, biases):
    W, b = weights[0], biases[0]
    for W_k, b_k in zip(weights[1:], biases[1:]):
        W, b = W @ W_k, b @ W_k + b_k
    return b, W


@wrong("collapse", 4, "argument changed")
def in_place(weights, biases):
    for k in range(1, len(weights)):
        biases[k] += biases[k - 1] @ weights[k]
        weights[k] = weights[k - 1] @ weights[k]
    return weights[-1], biases[-1]


# relu_logit_grad


@right("relu_logit_grad")
def chain_rule(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    p = e / e.sum()
    p[y] -= 1
    return p * (z > 0)


@right("relu_logit_grad")
def in_a_loop(z, y):
    import math

    a = [max(0.0, float(value)) for value in z]
    e = [math.exp(value - max(a)) for value in a]
    return [e[k] / sum(e) - (k == y) if z[k] > 0 else 0 for k in range(len(a))]


@right("relu_logit_grad")
def by_tape(z, y):
    import tensorflow as tf

    z = tf.Variable(tf.cast(z, tf.float32))
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.nn.relu(z))
    return tape.gradient(loss, z)


@right("relu_logit_grad")
def by_keras_loss(z, y):
    import keras
    import tensorflow as tf

    z = tf.Variable(np.array([z], dtype=np.float64))
    with tf.GradientTape() as tape:
        loss = keras.losses.sparse_categorical_crossentropy(np.array([y]), keras.activations.relu(z), from_logits=True)
    return tape.gradient(loss, z)[0]


@right("relu_logit_grad")
def in_float32_with_where(z, y):
    a = np.where(z > 0, z, 0).astype(np.float32)
    e = np.exp(a - a.max())
    return np.where(z > 0, e / e.sum() - np.eye(len(z), dtype=np.float32)[y], 0)


@wrong("relu_logit_grad", 0, "gradient not erased")
def no_gate(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return e / e.sum() - np.eye(len(z))[y]


@wrong("relu_logit_grad", 0, "ReLU left out")
def linear_gradient(z, y):
    e = np.exp(z - z.max())
    return e / e.sum() - np.eye(len(z))[y]


@wrong("relu_logit_grad", 2, "softmax of z instead of relu(z)")
def other_probabilities(z, y):
    e = np.exp(z - z.max())
    return (e / e.sum() - np.eye(len(z))[y]) * (z > 0)


@wrong("relu_logit_grad", 1, "ReLU of the gradient")
def relu_of_the_gradient(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return np.maximum(e / e.sum() - np.eye(len(z))[y], 0)


@wrong("relu_logit_grad", 1, "multiplied by relu(z)")
def times_the_logits(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return (e / e.sum() - np.eye(len(z))[y]) * a


@wrong("relu_logit_grad", 3, "the true class forgotten")
def probabilities_only(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return e / e.sum() * (z > 0)


@wrong("relu_logit_grad", 2, "the true class never erased")
def one_hot_outside(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return e / e.sum() * (z > 0) - np.eye(len(z))[y]


@wrong("relu_logit_grad", 1, "sign turned round")
def downhill(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return (np.eye(len(z))[y] - e / e.sum()) * (z > 0)


@wrong("relu_logit_grad", 4, "no shift")
def unshifted(z, y):
    e = np.exp(np.maximum(z, 0))
    return (e / e.sum() - np.eye(len(z))[y]) * (z > 0)


@wrong("relu_logit_grad", 4, "slope 1 at 0")
def open_at_zero(z, y):
    a = np.maximum(z, 0)
    e = np.exp(a - a.max())
    return (e / e.sum() - np.eye(len(z))[y]) * (z >= 0)


@wrong("relu_logit_grad", 0, "the loss or one entry only")
def the_loss(z, y):
    a = np.maximum(z, 0)
    return np.log(np.exp(a - a.max()).sum()) - (a[y] - a.max())


@wrong("relu_logit_grad", 4, "argument changed")
def written_into(z, y):
    slope = z > 0
    z[z < 0] = 0
    z -= z.max()
    e = np.exp(z)
    return (e / e.sum() - np.eye(len(z))[y]) * slope


# dead_classes


@right("dead_classes")
def set_difference(logits):
    return sorted(set(range(logits.shape[1])) - set(logits.argmax(axis=1)))


@right("dead_classes")
def setdiff(logits):
    return np.setdiff1d(np.arange(logits.shape[1]), np.argmax(logits, axis=1))


@right("dead_classes")
def by_counting(logits):
    import tensorflow as tf

    counts = tf.math.bincount(tf.argmax(logits, axis=1, output_type=tf.int32), minlength=logits.shape[1])
    return tf.where(counts == 0)[:, 0]


@right("dead_classes")
def row_by_row(logits):
    rows = logits.tolist()
    chosen = [row.index(max(row)) for row in rows]
    return tuple(k for k in range(len(rows[0])) if k not in chosen)


@right("dead_classes")
def by_one_hot(logits):
    return np.flatnonzero(np.eye(logits.shape[1])[logits.argmax(1)].sum(axis=0) == 0).astype(np.int32)


@wrong("dead_classes", 0, "classes that are chosen")
def chosen(logits):
    return np.unique(logits.argmax(axis=1))


@wrong("dead_classes", 1, "classes that are never above 0")
def never_positive(logits):
    return np.flatnonzero(logits.max(axis=0) <= 0)


@wrong("dead_classes", 1, "classes with output 0 everywhere")
def always_zero(logits):
    return np.flatnonzero((logits == 0).all(axis=0)).tolist()


@wrong("dead_classes", 0, "argmax down the columns")
def down_the_columns(logits):
    return sorted(set(range(logits.shape[1])) - set(logits.argmax(axis=0)))


@wrong("dead_classes", 1, "classes above the last chosen one left out")
def up_to_the_last_chosen(logits):
    chosen = set(logits.argmax(axis=1).tolist())
    return [k for k in range(max(chosen)) if k not in chosen]


@wrong("dead_classes", 4, "every tie counted as chosen")
def ties_chosen(logits):
    return np.flatnonzero(~(logits == logits.max(axis=1, keepdims=True)).any(axis=0))


@wrong("dead_classes", 0, "a mark or a count for each class")
def mask(logits):
    return np.array([k not in logits.argmax(axis=1) for k in range(logits.shape[1])])


@wrong("dead_classes", 0, "a mark or a count for each class")
def counts(logits):
    return np.bincount(logits.argmax(axis=1), minlength=logits.shape[1])


@wrong("dead_classes", 0, "how many instead of which")
def how_many(logits):
    return logits.shape[1] - len(set(logits.argmax(axis=1)))


@wrong("dead_classes", 1, "counted from 1")
def from_one(logits):
    return [k + 1 for k in range(logits.shape[1]) if k not in logits.argmax(axis=1)]


@wrong("dead_classes", 3, "not sorted")
def backwards(logits):
    return [k for k in range(logits.shape[1])[::-1] if k not in logits.argmax(axis=1)]


@wrong("dead_classes", 0, "a set")
def as_a_set(logits):
    return set(range(logits.shape[1])) - set(logits.argmax(axis=1).tolist())


@wrong("dead_classes", 0, "a column or a row of a matrix")
def as_a_column(logits):
    counts = np.bincount(logits.argmax(axis=1), minlength=logits.shape[1])
    return np.argwhere(counts == 0)


@wrong("dead_classes", 1, "not whole numbers")
def as_floats(logits):
    counts = np.bincount(logits.argmax(axis=1), minlength=logits.shape[1])
    return np.flatnonzero(counts == 0).astype(float)


# build_model


@right("build_model")
def two_hidden_layers(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


@right("build_model")
def one_wide_layer_and_a_slow_optimizer(n_classes):
    import keras

    x = keras.Input((2,))
    a = keras.layers.ReLU()(keras.layers.Dense(64)(x))
    model = keras.Model(x, keras.layers.Dense(n_classes, activation="linear")(a))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@right("build_model")
def subclassed(n_classes):
    import keras
    import tensorflow as tf

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = [keras.layers.Dense(32), keras.layers.Dense(32)]
            self.last = keras.layers.Dense(n_classes, activation=lambda z: z)

        def call(self, x):
            for layer in self.hidden:
                x = tf.nn.relu(layer(x))
            return self.last(x)

    def loss(y, z):
        y = tf.cast(tf.reshape(y, [-1]), tf.int32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)

    model = Net()
    model.compile(loss=loss, optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
    return model


@right("build_model")
def he_initialised_with_weight_decay(n_classes):
    import keras

    layers = keras.layers
    hidden = [layers.Dense(40, "relu", kernel_initializer="he_normal", kernel_regularizer="l2") for _ in range(2)]
    model = keras.Sequential([*hidden, layers.Dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.AdamW(0.01)
    )
    return model


@wrong("build_model", 5, "nothing bends")
def all_linear(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(64), dense(32, "linear"), dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


@wrong("build_model", 6, "too small or too slow")
def one_hidden_unit(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(1, "relu"), dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


@wrong("build_model", 6, "too small or too slow")
def hardly_a_step(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.SGD(1e-6)
    )
    return model


@wrong("build_model", 3, "the obvious model")
def obvious(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(64, "relu"), dense(32, "relu"), dense(n_classes, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.01))
    return model


@wrong("build_model", 5, "softmax twice")
def double_softmax(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(64, "relu"), dense(32, "relu"), dense(n_classes, "softmax")])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


@wrong("build_model", 7, "hidden layers are not ReLU")
def tanh_inside(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(64, "tanh"), dense(32, "tanh"), dense(n_classes)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


@wrong("build_model", 7, "number of classes written into the model")
def three_classes_always(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(64, "relu"), dense(32, "relu"), dense(3)])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.01)
    )
    return model


# Wrong models of lab 01 that go wrong in the same way here, whether they learn the rings or not.
CASES += [  # noqa: F821 (right and wrong have made it)
    Case("build_model", softmax.softmax_in_the_loss, 4, ("softmax twice in the loss",)),
    Case("build_model", softmax.from_logits_forgotten, 4, ("from_logits forgotten",)),
    Case("build_model", softmax.relu_output, 3, ("ReLU on the logits",)),
    Case("build_model", softmax.sigmoid_output, 3, ("sigmoid on the logits",)),
    Case("build_model", softmax.softmax_and_squared_error, 1, ("softmax in the last layer",)),
    Case("build_model", softmax.summed_loss, 4, ("loss summed over the batch",)),
    Case("build_model", softmax.one_hot_loss, 4, ("loss for one-hot labels",)),
    Case("build_model", softmax.a_unit_for_a_class_that_does_not_exist, 5, ("one unit too many",)),
    Case("build_model", softmax.one_unit, 5, ("one unit for all classes",)),
    Case("build_model", softmax.optimizer_of_another_model, 6, ("one optimizer for several models",)),
    Case("build_model", softmax.not_compiled, 4, ("not compiled",)),
]
