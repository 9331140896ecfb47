"""Answers to lab 01."""

import numpy as np

from answers import right, wrong

# my_softmax


@right("my_softmax")
def shifted(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


@right("my_softmax")
def in_float32(z):
    z = np.asarray(z, dtype=np.float32)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@right("my_softmax")
def with_loops(z):
    import math

    if z.ndim > 1:
        return [with_loops(row) for row in z]
    m = max(z)
    e = [math.exp(value - m) for value in z]
    return [value / sum(e) for value in e]


@right("my_softmax")
def with_tensorflow(z):
    import tensorflow as tf

    return tf.nn.softmax(tf.cast(z, tf.float64), axis=-1)


@right("my_softmax")
def with_scipy(z):
    from scipy.special import softmax

    return softmax(z, axis=-1)


@right("my_softmax")
def by_logsumexp(z):
    m = z.max(-1)[..., None]
    return np.exp(z - m - np.log(np.exp(z - m).sum(-1))[..., None])


@right("my_softmax")
def chatty(z):
    import sys
    import warnings

    print("computing", z)
    print("still computing", file=sys.stderr)
    warnings.warn("slow", stacklevel=1)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("my_softmax", 7, "no shift")
def unshifted(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


@wrong("my_softmax", 4, "normalised down the columns")
def down_the_columns(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


@wrong("my_softmax", 4, "normalised over the whole array")
def over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@wrong("my_softmax", 4, "summed axis dropped")
def without_keepdims(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=-1)


@wrong("my_softmax", 9, "one maximum for the whole batch")
def one_maximum(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=-1, keepdims=True)


@wrong("my_softmax", 8, "shift never negative")
def maximum_or_zero(z):
    e = np.exp(z - np.maximum(0, z.max(axis=-1, keepdims=True)))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("my_softmax", 8, "argument changed")
def in_place(z):
    z -= z.max(axis=-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=-1, keepdims=True)
    return z


@wrong("my_softmax", 9, "argument changed")
def in_place_shift(z):
    z -= z.max(axis=-1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


@wrong("my_softmax", 9, "whole numbers kept whole")
def zeros_like(z):
    out = np.zeros_like(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    out[...] = e / e.sum(axis=-1, keepdims=True)
    return out


@wrong("my_softmax", 0, "sigmoid of each logit")
def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


@wrong("my_softmax", 0, "not normalised")
def exponentials(z):
    return np.exp(z - z.max(axis=-1, keepdims=True))


@wrong("my_softmax", 0, "logarithm of softmax")
def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@wrong("my_softmax", 0, "divided without exp")
def shares(z):
    return z / z.sum(axis=-1, keepdims=True)


@wrong("my_softmax", 0, "nothing returned")
def without_return(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e = e / e.sum(axis=-1, keepdims=True)


# cross_entropy


@right("cross_entropy")
def picked(p, y):
    return -np.mean(np.log(p[np.arange(len(y)), y]))


@right("cross_entropy")
def one_hot(p, y):
    Y = np.eye(p.shape[1])[y]
    return -np.sum(Y * np.log(p)) / len(y)


@right("cross_entropy")
def in_a_loop(p, y):
    import math

    return sum(-math.log(row[k]) for row, k in zip(p.tolist(), y.tolist())) / len(y)


@right("cross_entropy")
def in_float32_with_tensorflow(p, y):
    import tensorflow as tf

    return tf.reduce_mean(-tf.math.log(tf.gather(tf.cast(p, tf.float32), y, axis=1, batch_dims=1)))


@right("cross_entropy")
def one_number_array(p, y):
    return np.array(-np.log(np.take_along_axis(p, y[:, None], axis=1)).mean())


@wrong("cross_entropy", 1, "summed, not averaged")
def summed(p, y):
    return -np.log(p[np.arange(len(y)), y]).sum()


@wrong("cross_entropy", 0, "one loss per row")
def not_averaged(p, y):
    return -np.log(p[np.arange(len(y)), y])


@wrong("cross_entropy", 0, "averaged over the classes too")
def averaged_over_classes(p, y):
    return -(np.eye(p.shape[1])[y] * np.log(p)).mean()


@wrong("cross_entropy", 2, "columns instead of entries")
def columns(p, y):
    return -np.log(p[:, y]).mean()


@wrong("cross_entropy", 0, "sign forgotten")
def no_minus(p, y):
    return np.log(p[np.arange(len(y)), y]).mean()


@wrong("cross_entropy", 0, "other base of the logarithm")
def in_bits(p, y):
    return -np.log2(p[np.arange(len(y)), y]).mean()


@wrong("cross_entropy", 0, "logarithm forgotten")
def no_logarithm(p, y):
    return -p[np.arange(len(y)), y].mean()


@wrong("cross_entropy", 2, "mean before the logarithm")
def mean_first(p, y):
    return -np.log(p[np.arange(len(y)), y].mean())


@wrong("cross_entropy", 2, "the largest probability, not the true class's")
def of_the_largest(p, y):
    return -np.log(p.max(axis=1)).mean()


@wrong("cross_entropy", 1, "labels counted from 1")
def one_less(p, y):
    return -np.log(p[np.arange(len(y)), y - 1]).mean()


@wrong("cross_entropy", 0, "one-hot labels expected")
def multiplied_by_labels(p, y):
    return -np.sum(y * np.log(p), axis=1).mean()


@wrong("cross_entropy", 4, "epsilon in the logarithm")
def with_epsilon(p, y):
    return -np.log(p[np.arange(len(y)), y] + 1e-7).mean()


@wrong("cross_entropy", 4, "epsilon in the logarithm")
def clipped(p, y):
    return -np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1 - 1e-7)).mean()


@wrong("cross_entropy", 1, "probabilities taken for logits")
def softmax_again(p, y):
    e = np.exp(p)
    return -np.log((e / e.sum(axis=1, keepdims=True))[np.arange(len(y)), y]).mean()


@wrong("cross_entropy", 0, "the other classes counted too")
def binary(p, y):
    Y = np.eye(p.shape[1])[y]
    return -(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum(axis=1).mean()


# build_model


@right("build_model")
def preferred(n_classes):
    import keras

    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(25, activation="relu"),
            keras.layers.Dense(15, activation="relu"),
            keras.layers.Dense(n_classes, activation="linear"),
        ]
    )
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.001)
    )
    return model


@right("build_model")
def functional_with_regulariser(n_classes):
    import keras

    x = keras.Input((2,))
    a = keras.layers.ReLU()(keras.layers.Dense(32, kernel_regularizer="l2")(x))
    model = keras.Model(x, keras.layers.Dense(n_classes, kernel_initializer="zeros")(a))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@right("build_model")
def subclassed_with_own_loss(n_classes):
    import keras
    import tensorflow as tf

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = keras.layers.Dense(64)
            self.last = keras.layers.Dense(n_classes, activation=lambda z: z)

        def call(self, x):
            return self.last(tf.maximum(self.hidden(x), 0.0))

    def loss(y, z):
        y = tf.cast(tf.reshape(y, [-1]), tf.int32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)

    model = Net()
    model.compile(loss=loss, optimizer=keras.optimizers.SGD(0.05))
    return model


@right("build_model")
def normalised_and_dropped_out(n_classes):
    import keras

    layers = keras.layers
    model = keras.Sequential([layers.Dense(64), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.1)])
    model.add(layers.Dense(n_classes))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="rmsprop")
    return model


@wrong("build_model", 3, "the obvious model")
def obvious(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model


@wrong("build_model", 5, "softmax twice")
def double_softmax(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes, "softmax")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 4, "softmax twice in the loss")
def softmax_in_the_loss(n_classes):
    import keras
    import tensorflow as tf

    def loss(y, z):
        return keras.losses.sparse_categorical_crossentropy(y, tf.nn.softmax(z), from_logits=True)

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=loss, optimizer="adam")
    return model


@wrong("build_model", 4, "from_logits forgotten")
def from_logits_forgotten(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer="adam")
    return model


@wrong("build_model", 3, "ReLU on the logits")
def relu_output(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes, "relu")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 3, "sigmoid on the logits")
def sigmoid_output(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes, "sigmoid")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 4, "loss summed over the batch")
def summed_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    model.compile(loss=loss, optimizer="adam")
    return model


@wrong("build_model", 4, "loss summed over the batch")
def unreduced_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    model.compile(loss=loss, optimizer="adam")
    return model


@wrong("build_model", 4, "loss for one-hot labels")
def one_hot_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 4, "loss for one-hot labels")
def binary_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "nothing bends")
def all_linear(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25), dense(15, "linear"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "hidden layers are not ReLU")
def tanh_inside(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "tanh"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "hidden layers are not ReLU")
def gelu_inside(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "gelu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "number of classes written into the model")
def four_classes_always(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(4)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 5, "one unit too many")
def a_unit_for_a_class_that_does_not_exist(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes + 1)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 5, "one unit for all classes")
def one_unit(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(1)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 1, "softmax in the last layer")
def softmax_and_squared_error(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes, "softmax")])
    model.compile(loss="mse", optimizer="adam")
    return model


@wrong("build_model", 6, "one optimizer for several models")
def optimizer_of_another_model(n_classes):
    import keras

    optimizer = keras.optimizers.Adam()
    optimizer.build([keras.Variable([1.0])])
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=optimizer)
    return model


@wrong("build_model", 4, "not compiled")
def not_compiled(n_classes):
    import keras

    dense = keras.layers.Dense
    return keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])


@wrong("build_model", 0, "nothing returned")
def model_kept(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(25, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")


# predict_proba


@right("predict_proba")
def softmax_after_predict(model, X):
    import tensorflow as tf

    return tf.nn.softmax(model.predict(X, verbose=0)).numpy()


@right("predict_proba")
def by_calling_the_model(model, X):
    import keras

    return keras.ops.softmax(model(X), axis=-1)


@right("predict_proba")
def by_hand(model, X):
    z = model.predict(X, verbose=0).astype(float)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).tolist()


@right("predict_proba")
def with_a_softmax_layer(model, X):
    import keras

    return keras.Sequential([model, keras.layers.Softmax()]).predict(X, verbose=0)


@wrong("predict_proba", 0, "logits taken for probabilities")
def raw(model, X):
    return model.predict(X, verbose=0)


@wrong("predict_proba", 0, "softmax down the columns")
def columns_of_softmax(model, X):
    import tensorflow as tf

    return tf.nn.softmax(model.predict(X, verbose=0), axis=0)


@wrong("predict_proba", 0, "sigmoid instead of softmax")
def sigmoids(model, X):
    import tensorflow as tf

    return tf.math.sigmoid(model.predict(X, verbose=0))


@wrong("predict_proba", 0, "softmax twice")
def softmax_of_softmax(model, X):
    import tensorflow as tf

    return tf.nn.softmax(tf.nn.softmax(model.predict(X, verbose=0)))


@wrong("predict_proba", 3, "exp without shift")
def exp_of_logits(model, X):
    e = np.exp(model.predict(X, verbose=0))
    return e / e.sum(axis=1, keepdims=True)


@wrong("predict_proba", 3, "model changed")
def layer_added(model, X):
    import keras

    model.add(keras.layers.Softmax())
    return model(X)


@wrong("predict_proba", 0, "categories instead of probabilities")
def categories(model, X):
    return model.predict(X, verbose=0).argmax(axis=1)


# predict_category


@right("predict_category")
def argmax(logits):
    return np.argmax(logits, axis=1)


@right("predict_category")
def argmax_in_tensorflow(logits):
    import tensorflow as tf

    return tf.argmax(logits, axis=-1)


@right("predict_category")
def in_a_comprehension(logits):
    return [row.index(max(row)) for row in logits.tolist()]


@right("predict_category")
def by_comparison(logits):
    return (logits == logits.max(axis=1, keepdims=True)).argmax(axis=1)


@wrong("predict_category", 0, "largest of each column")
def of_each_column(logits):
    return np.argmax(logits, axis=0)


@wrong("predict_category", 0, "largest of the whole array")
def of_everything(logits):
    return np.argmax(logits)


@wrong("predict_category", 0, "the value, not its place")
def largest_value(logits):
    return logits.max(axis=1)


@wrong("predict_category", 4, "softmax without shift, then the largest")
def after_naive_softmax(logits):
    e = np.exp(logits.astype(float))
    return (e / e.sum(axis=1, keepdims=True)).argmax(axis=1)


@wrong("predict_category", 4, "softmax, then the largest")
def after_softmax(logits):
    import tensorflow as tf

    return tf.argmax(tf.nn.softmax(tf.cast(logits, tf.float32)), axis=1)


@wrong("predict_category", 0, "threshold 0.5")
def above_a_half(logits):
    return (logits > 0.5).astype(int)


@wrong("predict_category", 4, "the last of equals")
def last_largest(logits):
    return np.argsort(logits, axis=1, kind="stable")[:, -1]


@wrong("predict_category", 0, "counted from 1")
def from_one(logits):
    return np.argmax(logits, axis=1) + 1


@wrong("predict_category", 0, "the smallest logit")
def smallest(logits):
    return np.argmin(logits, axis=1)


@wrong("predict_category", 0, "one-hot rows")
def one_hot_rows(logits):
    return np.eye(logits.shape[1])[np.argmax(logits, axis=1)]


@wrong("predict_category", 0, "axis kept")
def a_column(logits):
    return np.argmax(logits, axis=1, keepdims=True)


@wrong("predict_category", 0, "not whole numbers")
def as_floats(logits):
    return np.argmax(logits, axis=1).astype(float)
