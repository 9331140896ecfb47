"""Answers to lab 05."""

import numpy as np

from answers import right, wrong

# diagnose


@right("diagnose")
def two_probes(model):
    X = np.random.default_rng(0).normal(size=(50, 2))
    p = model.predict(X, verbose=0)
    is_softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    z = np.array([[5.0, 6.0, 7.0, 8.0]])
    loss = float(model.compute_loss(y=np.array([0]), y_pred=z))
    reads_logits = abs(loss - (np.log(np.exp(z).sum()) - z[0, 0])) < 0.01
    names = {
        (False, True): "preferred",
        (False, False): "from_logits forgotten",
        (True, True): "double softmax",
        (True, False): "obvious",
    }
    return names[bool(is_softmax), bool(reads_logits)]


@right("diagnose")
def of_what_predict_returned(model):
    """Asks the loss about the model's own outputs, row by row, as plain numbers that carry no note."""
    out = model.predict(5 * np.random.default_rng(1).normal(size=(40, 2)), verbose=0).astype(float)
    output = "softmax" if (out >= 0).all() and abs(out.sum(1) - 1).max() < 1e-3 else "linear"
    for z in 3 * out[:4] + 1:
        best = int(z.argmax())
        as_logits = np.log(np.exp(z - z[best]).sum())
        if abs(float(np.mean(model.compute_loss(y=np.array([best]), y_pred=z[None]))) - as_logits) > 1e-4:
            return "obvious" if output == "softmax" else "from_logits forgotten"
    return "double softmax" if output == "softmax" else "preferred"


@right("diagnose")
def by_shift(model):
    """A loss that reads logits does not notice a common shift."""
    import tensorflow as tf

    rows = tf.convert_to_tensor(model(tf.random.stateless_normal((30, 2), (1, 2)))).numpy()
    probabilities = rows.min() > -1e-6 and np.abs(rows.sum(-1) - 1).max() < 1e-4
    z = tf.constant([[0.2, 0.5, 0.1], [0.9, 0.3, 0.4]])
    y = tf.constant([0, 2])
    logits = abs(float(model.compute_loss(None, y, z)) - float(model.compute_loss(None, y, z + 3))) < 1e-4
    if probabilities and logits:
        return "double softmax"
    if probabilities:
        return "obvious"
    return "preferred" if logits else "from_logits forgotten"


@right("diagnose")
def by_a_score_above_1(model):
    """Above 1 a loss on probabilities has nothing to complain of."""
    import keras

    says = float(keras.ops.mean(model.compute_loss(y=np.array([[1]]), y_pred=np.array([[0.0, 3.0]]))))
    rows = model.predict_on_batch(np.eye(2)).tolist()
    if all(abs(sum(row) - 1) < 1e-4 and min(row) >= 0 for row in rows):
        return "double softmax" if says > 0.01 else "obvious"
    return np.array("preferred") if says > 0.01 else np.str_("from_logits forgotten")


@wrong("diagnose", 3, "names read, not behaviour")
def reads_names(model):
    softmax = model.layers[-1].activation.__name__ == "softmax"
    if model.loss.from_logits:
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 4, "names read, not behaviour")
def reads_the_loss(model):
    softmax = np.allclose(model.predict(np.ones((3, 2)), verbose=0).sum(axis=1), 1)
    if getattr(model.loss, "from_logits", False):
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 4, "names read, not behaviour")
def reads_the_activation(model):
    softmax = getattr(getattr(model.layers[-1], "activation", None), "__name__", "") == "softmax"
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 1, "the note is still pinned on")
def asks_about_model_of_X(model):
    X = np.random.default_rng(0).normal(size=(20, 2))
    p = model(X).numpy().astype(float)
    softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    best = p.argmax(axis=1)
    as_logits = np.log(np.exp(p - p.max(axis=1, keepdims=True)).sum(axis=1))
    says = [float(model.compute_loss(y=best[k : k + 1], y_pred=model(X[k : k + 1]))) for k in range(4)]
    if np.allclose(says, as_logits[:4], rtol=1e-3, atol=1e-4):
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 1, "the loss is not told apart")
def never_asks_the_loss(model):
    p = model.predict(np.ones((3, 2)), verbose=0)
    return "obvious" if p.min() >= 0 and np.allclose(p.sum(axis=1), 1) else "preferred"


@wrong("diagnose", 0, "the loss is not told apart")
def asks_about_equal_scores(model):
    p = model.predict(np.ones((3, 2)), verbose=0)
    softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    logits = abs(float(model.compute_loss(y=np.array([0]), y_pred=np.ones((1, 4)))) - np.log(4)) < 1e-3
    if logits:
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 0, "softmax is not seen")
def exact_sum(model):
    X = np.random.default_rng(0).normal(size=(500, 2))
    p = model.predict(X, verbose=0)
    softmax = p.min() > 0 and (p.sum(axis=1) == 1).all()
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 4, "everything between 0 and 1 is a probability")
def between_0_and_1(model):
    p = model.predict(np.random.default_rng(0).normal(size=(200, 2)), verbose=0)
    softmax = p.min() >= 0 and p.max() <= 1
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "double softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits forgotten"


@wrong("diagnose", 1, "the two mismatches exchanged")
def mismatches_exchanged(model):
    p = model.predict(np.random.default_rng(0).normal(size=(200, 2)), verbose=0)
    softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "from_logits forgotten" if softmax else "preferred"
    return "obvious" if softmax else "double softmax"


@wrong("diagnose", 1, "obvious and preferred exchanged")
def good_ones_exchanged(model):
    p = model.predict(np.random.default_rng(0).normal(size=(200, 2)), verbose=0)
    softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "double softmax" if softmax else "obvious"
    return "preferred" if softmax else "from_logits forgotten"


@wrong("diagnose", 1, "a name of its own")
def underscores(model):
    p = model.predict(np.random.default_rng(0).normal(size=(200, 2)), verbose=0)
    softmax = p.min() >= 0 and np.allclose(p.sum(axis=1), 1)
    logits = float(model.compute_loss(y=np.array([0]), y_pred=np.array([[5.0, 6.0, 7.0, 8.0]]))) > 2
    if logits:
        return "double_softmax" if softmax else "preferred"
    return "obvious" if softmax else "from_logits_forgotten"


@wrong("diagnose", 0, "nothing returned")
def prints_it(model):
    print("preferred")


# predict_proba


@right("predict_proba")
def looks_at_the_rows(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    if out.min() >= 0 and np.allclose(out.sum(axis=1), 1):
        return out
    return tf.nn.softmax(out).numpy()


@right("predict_proba")
def by_logarithm(model, X):
    """Softmax of the logarithm of probabilities gives them back."""
    out = np.asarray(model(X), dtype=float)
    if (out >= 0).all() and np.abs(out.sum(-1) - 1).max() < 1e-3:
        with np.errstate(divide="ignore"):
            out = np.log(out)
    e = np.exp(out - out.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)).tolist()


@right("predict_proba")
def row_by_row(model, X):
    from scipy.special import softmax

    rows = model.predict(np.asarray(X, dtype="float32"), batch_size=2, verbose=0)
    return [row if min(row) >= 0 and abs(sum(row) - 1) < 1e-3 else softmax(row) for row in rows]


@right("predict_proba")
def as_a_tensor(model, X):
    import keras

    out = model(X)
    one = keras.ops.all(keras.ops.abs(keras.ops.sum(out, axis=1) - 1) < 1e-4)
    if bool(one) and bool(keras.ops.all(out >= 0)):
        return out
    return keras.ops.softmax(out)


@wrong("predict_proba", 3, "softmax on top of softmax")
def always_softmax(model, X):
    import tensorflow as tf

    return tf.nn.softmax(model.predict(X, verbose=0)).numpy()


@wrong("predict_proba", 1, "logits left as they are")
def never_softmax(model, X):
    return model.predict(X, verbose=0)


@wrong("predict_proba", 4, "the loss decides")
def asks_from_logits(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    return tf.nn.softmax(out).numpy() if model.loss.from_logits else out


@wrong("predict_proba", 4, "the name of the last activation decides")
def asks_the_activation(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    return out if model.layers[-1].activation.__name__ == "softmax" else tf.nn.softmax(out)


@wrong("predict_proba", 4, "the name of the last activation decides")
def asks_the_activation_with_care(model, X):
    import keras
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    return out if getattr(model.layers[-1], "activation", None) is keras.activations.softmax else tf.nn.softmax(out)


@wrong("predict_proba", 4, "the sum alone decides")
def asks_the_sum(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    return out if np.allclose(out.sum(axis=1), 1, atol=1e-4) else tf.nn.softmax(out)


@wrong("predict_proba", 4, "the range alone decides")
def asks_the_range(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    return out if out.min() >= 0 and out.max() <= 1 else tf.nn.softmax(out)


@wrong("predict_proba", 1, "softmax down the columns")
def softmax_of_columns(model, X):
    import tensorflow as tf

    out = model.predict(X, verbose=0)
    if out.min() >= 0 and np.allclose(out.sum(axis=1), 1):
        return out
    return tf.nn.softmax(out, axis=0)


@wrong("predict_proba", 1, "divided by the sum")
def rows_divided(model, X):
    out = model.predict(X, verbose=0)
    return out / out.sum(axis=1, keepdims=True)


@wrong("predict_proba", 4, "exp without shift")
def without_shift(model, X):
    out = model.predict(X, verbose=0)
    if out.min() >= 0 and np.allclose(out.sum(axis=1), 1):
        return out
    return np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)


# to_labels


@right("to_labels")
def by_shape(y):
    if y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    return y.reshape(-1).astype(int)


@right("to_labels")
def with_a_product(y):
    y = np.asarray(y)
    if y.ndim == 1 or y.shape[1] == 1:
        return np.rint(y).astype(np.int32).ravel()
    return (y @ np.arange(y.shape[1])).astype(np.uint8)


@right("to_labels")
def in_a_list(y):
    labels = []
    for row in y.tolist():
        if not isinstance(row, list):
            labels.append(int(row))
        elif len(row) == 1:
            labels.append(int(row[0]))
        else:
            labels.append(row.index(1))
    return labels


@right("to_labels")
def in_tensorflow(y):
    import tensorflow as tf

    y = tf.convert_to_tensor(y)
    if len(y.shape) == 2 and y.shape[1] != 1:
        return tf.argmax(y, axis=-1)
    return tf.cast(tf.reshape(y, [-1]), tf.int64)


@right("to_labels")
def where_the_one_is(y):
    if y.size == len(y):
        return np.array([int(label) for label in y.flat])
    return np.nonzero(y)[1]


@wrong("to_labels", 4, "still floats")
def no_type(y):
    return y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)


@wrong("to_labels", 2, "one-hot rows left as they are", "a column left as it is")
def only_the_type(y):
    return y.astype(int)


@wrong("to_labels", 2, "largest of the labels", "a column taken for one-hot rows")
def always_argmax(y):
    return y.argmax(axis=-1)


@wrong("to_labels", 4, "a column taken for one-hot rows")
def two_dimensions_are_one_hot(y):
    return y.argmax(axis=1) if y.ndim == 2 else y.astype(int)


@wrong("to_labels", 3, "down the columns")
def argmax_of_columns(y):
    return y.argmax(axis=0) if y.ndim == 2 and y.shape[1] > 1 else y.astype(int).ravel()


@wrong("to_labels", 3, "counted again from 0")
def from_the_smallest(y):
    labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.astype(int).ravel()
    return labels - labels.min()


@wrong("to_labels", 3, "counted again from 0")
def renumbered(y):
    labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.astype(int).ravel()
    return np.unique(labels, return_inverse=True)[1]


@wrong("to_labels", 3, "counted from 1")
def places_from_1(y):
    return y.argmax(axis=1) + 1 if y.ndim == 2 and y.shape[1] > 1 else y.astype(int).ravel()


@wrong("to_labels", 2, "made one-hot", "a column left as it is")
def the_other_way(y):
    return np.eye(int(y.max()) + 1, dtype=int)[y.astype(int)] if y.ndim == 1 else y.argmax(1) if y[0].size > 1 else y


@wrong("to_labels", 4, "one dimension lost")
def squeezed(y):
    return y.argmax(axis=1).squeeze() if y.ndim == 2 and y.shape[1] > 1 else y.astype(int).squeeze()


# matching_loss


@right("matching_loss")
def by_dimensions(y):
    import keras

    if y.ndim == 1:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return keras.losses.CategoricalCrossentropy(from_logits=True)


@right("matching_loss")
def by_configuration(y):
    import keras

    name = "SparseCategoricalCrossentropy" if len(y.shape) == 1 else "CategoricalCrossentropy"
    return keras.losses.get({"class_name": name, "config": {"from_logits": True}})


@right("matching_loss")
def with_tf_nn(y):
    import tensorflow as tf

    def sparse(y, z):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int64), z))

    def one_hot(y, z):
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, z))

    return sparse if y.ndim == 1 else one_hot


@right("matching_loss")
def a_loss_of_its_own(y):
    import keras

    class Loss(keras.losses.Loss):
        def call(self, y_true, y_pred):
            log_p = keras.ops.log_softmax(y_pred)
            Y = y_true if len(y_true.shape) == 2 else keras.ops.one_hot(keras.ops.cast(y_true, "int32"), log_p.shape[1])
            return -keras.ops.sum(Y * log_p, axis=-1)

    return Loss()


@right("matching_loss")
def on_outputs_that_carry_the_note(y):
    """Keras finds the logits pinned to the output of its own softmax."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy() if y.ndim == 1 else keras.losses.CategoricalCrossentropy()
    return lambda y, z: loss(y, keras.activations.softmax(keras.ops.convert_to_tensor(z, "float32")))


@wrong("matching_loss", 0, "from_logits forgotten")
def forgotten(y):
    import keras

    return keras.losses.SparseCategoricalCrossentropy() if y.ndim == 1 else keras.losses.CategoricalCrossentropy()


@wrong("matching_loss", 3, "the loss for labels")
def always_sparse(y):
    import keras

    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@wrong("matching_loss", 2, "the loss for one-hot rows")
def never_sparse(y):
    import keras

    return keras.losses.CategoricalCrossentropy(from_logits=True)


@wrong("matching_loss", 3, "the type decides, not the shape")
def by_type(y):
    import keras

    if np.issubdtype(y.dtype, np.integer):
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return keras.losses.CategoricalCrossentropy(from_logits=True)


@wrong("matching_loss", 0, "added up, not averaged")
def sums(y):
    import keras

    if y.ndim == 1:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    return keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum")


@wrong("matching_loss", 0, "one loss per example")
def without_reduction(y):
    import keras

    if y.ndim == 1:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    return keras.losses.CategoricalCrossentropy(from_logits=True, reduction="none")


@wrong("matching_loss", 0, "one loss per example")
def small_letters(y):
    import keras

    return keras.losses.sparse_categorical_crossentropy if y.ndim == 1 else keras.losses.categorical_crossentropy


@wrong("matching_loss", 0, "softmax twice")
def softmax_and_from_logits(y):
    import keras
    import tensorflow as tf

    kind = keras.losses.SparseCategoricalCrossentropy if y.ndim == 1 else keras.losses.CategoricalCrossentropy
    return lambda y, z: kind(from_logits=True)(y, tf.nn.softmax(z))


@wrong("matching_loss", 4, "softmax and logarithm apart")
def on_probabilities(y):
    import keras
    import tensorflow as tf

    kind = keras.losses.SparseCategoricalCrossentropy if y.ndim == 1 else keras.losses.CategoricalCrossentropy
    return lambda y, z: kind()(y, tf.nn.softmax(z))


@wrong("matching_loss", 4, "softmax and logarithm apart")
def by_hand(y):
    import tensorflow as tf

    def loss(y, z):
        p = tf.nn.softmax(tf.cast(z, tf.float32))
        Y = tf.one_hot(tf.cast(y, tf.int64), p.shape[1]) if len(y.shape) == 1 else tf.cast(y, tf.float32)
        return -tf.reduce_mean(tf.reduce_sum(Y * tf.math.log(p), axis=1))

    return loss


@wrong("matching_loss", 0, "N yes/no questions")
def binary(y):
    import keras

    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return (lambda y, z: loss(np.eye(z.shape[1])[y.astype(int)], z)) if y.ndim == 1 else loss


@wrong("matching_loss", 0, "the name or the class of a loss")
def the_name(y):
    return "sparse_categorical_crossentropy" if y.ndim == 1 else "categorical_crossentropy"


@wrong("matching_loss", 0, "the name or the class of a loss")
def the_class(y):
    import keras

    return keras.losses.SparseCategoricalCrossentropy if y.ndim == 1 else keras.losses.CategoricalCrossentropy
