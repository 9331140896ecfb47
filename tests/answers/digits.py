"""Answers to lab 09."""

import numpy as np

from answers import right, wrong

# build_model


@right("build_model")
def recommended(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "linear")])
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=keras.optimizers.Adam(0.001)
    )
    return model


@right("build_model")
def functional_and_wide(n_classes):
    import keras

    x = keras.Input((64,))
    a = keras.layers.ReLU()(keras.layers.Dense(128, bias_initializer="random_normal")(x))
    model = keras.Model(x, keras.layers.Dense(n_classes)(a))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="rmsprop")
    return model


@right("build_model")
def subclassed_with_own_loss(n_classes):
    import keras
    import tensorflow as tf

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = keras.layers.Dense(25)
            self.second = keras.layers.Dense(15)
            self.last = keras.layers.Dense(n_classes, activation=lambda z: z)

        def call(self, x):
            return self.last(tf.nn.relu(self.second(tf.nn.relu(self.first(x)))))

    def loss(y, z):
        y = tf.cast(tf.reshape(y, [-1]), tf.int32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)

    model = Net()
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.01))
    return model


@right("build_model")
def convolutional(n_classes):
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((64,)), layers.Reshape((8, 8, 1)), layers.Conv2D(8, 3, activation="relu")])
    model.add(layers.Flatten())
    model.add(layers.Dense(25, activation="relu"))
    model.add(layers.Dense(n_classes))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@right("build_model")
def regularised(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential(
        [keras.Input((64,)), dense(25, "relu", kernel_regularizer="l2"), keras.layers.Dropout(0.1)]
    )
    model.add(dense(15, "relu"))
    model.add(dense(n_classes))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="nadam")
    return model


@wrong("build_model", 3, "the obvious model")
def obvious(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model


@wrong("build_model", 5, "softmax twice")
def double_softmax(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "softmax")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 4, "softmax twice in the loss")
def softmax_in_the_loss(n_classes):
    import keras
    import tensorflow as tf

    def loss(y, z):
        return keras.losses.sparse_categorical_crossentropy(y, tf.nn.softmax(z), from_logits=True)

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(loss=loss, optimizer="adam")
    return model


@wrong("build_model", 4, "from_logits forgotten")
def from_logits_forgotten(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model


@wrong("build_model", 3, "ReLU on the logits")
def relu_output(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "relu")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 3, "sigmoid on the logits")
def sigmoid_output(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "sigmoid")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 4, "loss summed over the batch")
def summed_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    model.compile(loss=loss, optimizer="adam")
    return model


@wrong("build_model", 4, "loss for one-hot labels")
def one_hot_loss(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "nothing bends")
def all_linear(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25), dense(15, "linear"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "hidden layers are not ReLU")
def tanh_inside(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "tanh"), dense(15, "tanh"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "hidden layers are not ReLU")
def gelu_inside(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "gelu"), dense(15, "gelu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 7, "number of classes written into the model")
def ten_classes_always(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(10)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 5, "one unit too many")
def a_unit_for_a_digit_that_does_not_exist(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes + 1)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 5, "one unit for all classes")
def one_unit(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(1)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    return model


@wrong("build_model", 1, "softmax in the last layer")
def softmax_and_squared_error(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes, "softmax")])
    model.compile(loss="mse", optimizer="adam")
    return model


@wrong("build_model", 6, "one optimizer for several models")
def optimizer_of_another_model(n_classes):
    import keras

    optimizer = keras.optimizers.Adam()
    optimizer.build([keras.Variable([1.0])])
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer=optimizer)
    return model


@wrong("build_model", 4, "not compiled")
def not_compiled(n_classes):
    import keras

    dense = keras.layers.Dense
    return keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])


@wrong("build_model", 0, "nothing returned")
def model_kept(n_classes):
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((64,)), dense(25, "relu"), dense(15, "relu"), dense(n_classes)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")


# predict_digit


@right("predict_digit")
def reshaped(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64), verbose=0)))


@right("predict_digit")
def flattened_by_hand(model, image):
    rows = [[float(pixel) for row in image for pixel in row]]
    scores = model(np.array(rows, dtype=np.float32))[0].numpy().tolist()
    return scores.index(max(scores))


@right("predict_digit")
def in_tensorflow(model, image):
    import tensorflow as tf

    return tf.argmax(model(tf.reshape(tf.cast(image, tf.float32), [1, -1])), axis=-1)[0]


@right("predict_digit")
def by_way_of_probabilities(model, image):
    import keras

    p = keras.ops.softmax(model.predict(image.ravel()[np.newaxis], verbose=0))
    return np.array(np.argmax(p, axis=1)[0])


@wrong("predict_digit", 0, "the picture's shape")
def not_flattened(model, image):
    return int(np.argmax(model.predict(image, verbose=0)))


@wrong("predict_digit", 0, "the picture's shape")
def without_a_batch(model, image):
    return int(np.argmax(model.predict(image.reshape(64), verbose=0)))


@wrong("predict_digit", 0, "read down the columns")
def by_columns(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64, order="F"), verbose=0)))


@wrong("predict_digit", 0, "pixels changed")
def divided_again(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64) / 255, verbose=0)))


@wrong("predict_digit", 0, "pixels changed")
def black_and_white(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64).round(), verbose=0)))


@wrong("predict_digit", 4, "pixels changed")
def stretched(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64) / image.max(), verbose=0)))


@wrong("predict_digit", 4, "exp without shift")
def naive_softmax(model, image):
    e = np.exp(model.predict(image.reshape(1, 64), verbose=0))
    return int(np.argmax(e / e.sum()))


@wrong("predict_digit", 0, "all classes instead of one")
def scores(model, image):
    return model.predict(image.reshape(1, 64), verbose=0)[0]


@wrong("predict_digit", 0, "all classes instead of one")
def probabilities(model, image):
    import tensorflow as tf

    return tf.nn.softmax(model.predict(image.reshape(1, 64), verbose=0))


@wrong("predict_digit", 0, "largest of each column")
def of_each_column(model, image):
    return np.argmax(model.predict(image.reshape(1, 64), verbose=0), axis=0)


@wrong("predict_digit", 0, "the value, not its place")
def largest_score(model, image):
    return float(np.max(model.predict(image.reshape(1, 64), verbose=0)))


@wrong("predict_digit", 4, "not a plain whole number")
def in_an_array(model, image):
    return np.argmax(model.predict(image.reshape(1, 64), verbose=0), axis=1)


@wrong("predict_digit", 4, "not a plain whole number")
def as_a_float(model, image):
    return float(np.argmax(model.predict(image.reshape(1, 64), verbose=0)))


@wrong("predict_digit", 0, "counted from 1")
def from_one(model, image):
    return int(np.argmax(model.predict(image.reshape(1, 64), verbose=0))) + 1


@wrong("predict_digit", 1, "threshold")
def above_a_half(model, image):
    import tensorflow as tf

    p = tf.nn.softmax(model.predict(image.reshape(1, 64), verbose=0)).numpy()[0]
    return int(np.argmax(p > 0.5))


@wrong("predict_digit", 4, "argument changed")
def reshaped_in_place(model, image):
    image.shape = (1, 64)
    return int(np.argmax(model.predict(image, verbose=0)))


# most_confused


@right("most_confused")
def counted_in_a_matrix(y, y_hat):
    n = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((n, n))
    np.add.at(counts, (y, y_hat), 1)
    np.fill_diagonal(counts, 0)
    return np.unravel_index(np.argmax(counts), counts.shape)


@right("most_confused")
def with_a_counter(y, y_hat):
    from collections import Counter

    errors = Counter((t, s) for t, s in zip(y.tolist(), y_hat.tolist()) if t != s)
    return min(errors, key=lambda pair: (-errors[pair], pair))


@right("most_confused")
def with_unique_rows(y, y_hat):
    pairs, counts = np.unique(np.stack([y, y_hat], axis=1)[y != y_hat], axis=0, return_counts=True)
    return pairs[counts.argmax()]


@right("most_confused")
def with_scikit_learn(y, y_hat):
    from sklearn.metrics import confusion_matrix

    labels = np.unique(np.concatenate([y, y_hat]))
    counts = confusion_matrix(y, y_hat, labels=labels)
    np.fill_diagonal(counts, 0)
    i, j = divmod(counts.argmax(), len(labels))
    return [labels[i], labels[j]]


@right("most_confused")
def with_tensorflow(y, y_hat):
    import tensorflow as tf

    counts = tf.math.confusion_matrix(y, y_hat)
    counts = tf.linalg.set_diag(counts, tf.zeros(len(counts), dtype=counts.dtype))
    place = tf.argmax(tf.reshape(counts, [-1]))
    return place // len(counts), place % len(counts)


@right("most_confused")
def with_loops(y, y_hat):
    best, most = None, 0
    for t in range(int(max(y)) + 1):
        for s in range(int(max(y_hat)) + 1):
            times = sum(1 for a, b in zip(y, y_hat) if a == t and b == s)
            if t != s and times > most:
                best, most = (t, s), times
    return best


@wrong("most_confused", 3, "right answers counted too")
def with_the_diagonal(y, y_hat):
    n = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((n, n))
    np.add.at(counts, (y, y_hat), 1)
    return np.unravel_index(np.argmax(counts), counts.shape)


@wrong("most_confused", 0, "true and said exchanged")
def turned_round(y, y_hat):
    from collections import Counter

    errors = Counter((t, s) for t, s in zip(y.tolist(), y_hat.tolist()) if t != s)
    return min(errors, key=lambda pair: (-errors[pair], pair))[::-1]


@wrong("most_confused", 3, "each chosen by itself")
def two_modes(y, y_hat):
    wrong = y != y_hat
    return np.bincount(y[wrong]).argmax(), np.bincount(y_hat[wrong]).argmax()


@wrong("most_confused", 3, "both directions added")
def without_direction(y, y_hat):
    from collections import Counter

    y, y_hat = y.tolist(), y_hat.tolist()
    together = Counter(tuple(sorted(pair)) for pair in zip(y, y_hat) if pair[0] != pair[1])
    low, high = min(together, key=lambda pair: (-together[pair], pair))
    pairs = list(zip(y, y_hat))
    return (low, high) if pairs.count((low, high)) >= pairs.count((high, low)) else (high, low)


@wrong("most_confused", 2, "shares instead of counts")
def by_share(y, y_hat):
    n = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((n, n))
    np.add.at(counts, (y, y_hat), 1)
    counts /= np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(counts, 0)
    return np.unravel_index(np.argmax(counts), counts.shape)


@wrong("most_confused", 3, "any error, not the most frequent")
def first_error(y, y_hat):
    first = np.flatnonzero(y != y_hat)[0]
    return y[first], y_hat[first]


@wrong("most_confused", 4, "another of equals")
def first_of_equals(y, y_hat):
    from collections import Counter

    errors = Counter((t, s) for t, s in zip(y.tolist(), y_hat.tolist()) if t != s)
    return errors.most_common(1)[0][0]


@wrong("most_confused", 4, "another of equals")
def last_of_equals(y, y_hat):
    pairs, counts = np.unique(np.stack([y, y_hat], axis=1)[y != y_hat], axis=0, return_counts=True)
    return pairs[np.flatnonzero(counts == counts.max())[-1]]


@wrong("most_confused", 4, "too few classes")
def ten_classes(y, y_hat):
    counts = np.zeros((10, 10))
    for t, s in zip(y, y_hat):
        counts[t, s] += t != s
    return np.unravel_index(np.argmax(counts), counts.shape)


@wrong("most_confused", 4, "too few classes")
def as_two_decimal_digits(y, y_hat):
    codes = (10 * y + y_hat)[y != y_hat]
    return divmod(int(np.bincount(codes).argmax()), 10)


@wrong("most_confused", 0, "not a pair")
def with_its_count(y, y_hat):
    from collections import Counter

    errors = Counter((t, s) for t, s in zip(y.tolist(), y_hat.tolist()) if t != s)
    (t, s), times = errors.most_common(1)[0]
    return t, s, times


@wrong("most_confused", 0, "not a pair")
def place_in_the_flat_table(y, y_hat):
    n = max(y.max(), y_hat.max()) + 1
    counts = np.zeros((n, n))
    np.add.at(counts, (y, y_hat), 1)
    np.fill_diagonal(counts, 0)
    return counts.argmax()
