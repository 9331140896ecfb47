"""What each figure shows, for who cannot see it: by lab and cell.

No number here depends on a training run: figures are drawn anew when a lab is executed. A figure with sliders
brings its own text, `explore(text=...)`.
"""

TEXTS = {
    "01_softmax": {
        "cost_curve": "The cost falls from above 5 to 0 as the probability of the true class goes from 0 to 1: 4.61 at "
        "0.01, 2.30 at 0.1, 0.69 at 0.5, 0.11 at 0.9.",
        "data_blobs": "Four clouds of points, one for each class: 0 upper left, 1 lower left of the middle, 2 upper "
        "right of the middle, 3 lower right. They hardly overlap.",
        "train": "The loss of the obvious and the preferred model against the epoch: both fall, and one curve lies on "
        "the other.",
        "clipping_picture": "The loss against the size s of the logits. From the logits it goes on rising, to 60 at s "
        "= 30. From probabilities it follows until about s = 8 and then stays at 16.1.",
        "outputs_bars": "One point. Left its four logits, some below 0 and one above 1. Right their softmax: the "
        "largest logit's class has nearly all of the probability.",
        "proba_maps": "Four maps of the plane, one per class: the probability is near 1 where the class's cloud lies, "
        "near 0 elsewhere, and 0.5 along a line with a bend.",
        "relu_training": "Two maps of the class chosen at each place. Linear last layer: four regions, one around each "
        "cloud. ReLU last layer: a region is missing, and its cloud lies in that of another class.",
    },
    "02_argmax": {
        "order_picture": "Probability against logit for three rows. Each row's line only rises, but the lines differ: "
        "a dot at logit 2 with 0.333, a line from logit -3 to 0.965 at logit 1, a line from 3 to 4 that ends at 0.507.",
        "winners_picture": "Each flower's largest logit and its probability. Most are near 1. Flowers with a similar "
        "largest logit have quite different probabilities, and a larger logit often has the smaller one.",
    },
    "03_relu": {
        "rings_data": "Three rings of points around the origin: class 0 inside, 1 in the middle, 2 outside.",
        "rings_train": "Two maps of the rings. Linear inside: the borders are straight lines, and the rings are cut "
        "across. ReLU inside: a disc for class 0, a ring for class 1, the rest for class 2.",
        "bends": "Left, three ReLU units, each with one bend, at 1, 2 and 3, and weights 1, -2 and 1. Right, their "
        "sum: 0 up to 1, rising to 1 at 2, falling to 0 at 3, and 0 from there on.",
        "creases": "The map of the network that learnt the rings, with the fold of each first-layer unit as a dashed "
        "line. The lines cross the plane in all directions, and the borders are made of straight pieces.",
        "descent": "The four logits of one example over 60 steps. Linear: the true class rises and the others sink. "
        "ReLU: the wrong classes sink to 0 and stop there, and the true class stays at -0.5.",
        "seed_maps": "Four maps, one per seed, of networks with ReLU at the end, with the share of points that is "
        "right. In some all four classes have a region; in others one is missing and a quarter of the points is wrong.",
        "four_ways": "Four maps of the rings. Only ReLU inside with a linear end finds all three; linear inside has "
        "straight borders, and ReLU inside and at the end lacks a class.",
    },
    "04_stability": {
        "ranges_picture": "Where exp(x) is kept, for three types. float16: 0 below -17, infinite above 11.09. float32: "
        "0 below -104, infinite above 88.72. float64: 0 below -745, infinite above 709.78. Near the lower end there "
        "are fewer digits.",
        "train": "The share of points that are right against the epoch. From logits it rises to nearly all; clipped it "
        "stays clearly lower; by hand it stays at a quarter.",
        "lead_picture": "The loss, on a logarithmic scale, against the lead of the true class. The exact line falls on "
        "and on. From logits follows it to a lead of about 16 and is exactly 0 after that; clipped stays at about "
        "1e-7.",
    },
    "05_keras": {
        "train_picture": "Loss and accuracy over ten epochs for the four pairs. Obvious, double softmax and "
        "preferred look the same: the loss falls and the accuracy rises. from_logits forgotten: the loss falls to "
        "1.386 and stays there, and the accuracy stays low.",
        "floor_picture": "Softmax twice: the loss falls to just above 0.744, the lowest that is possible, and stays "
        "there. Preferred: it falls towards 0.",
        "probe_picture": "The four models by two numbers, the sum of a row of predict and the loss of 5, 6, 7, 8. "
        "Obvious and double softmax have the sum 1, the others many sums. Double softmax and preferred read logits, "
        "3.44; the other two read probabilities, 1.39. So each has a corner of its own.",
    },
    "06_binary": {
        "sigmoid_picture": "The sigmoid rises from 0 to 1. Marked are p = 0.2 at z = -1.386, p = 0.5 at z = 0 and p = "
        "0.9 at z = 2.197.",
        "errors_picture": "Missed tumours and false alarms against the threshold on the logit, with the probability on "
        "a second axis. A higher threshold misses more and raises fewer alarms.",
        "loss_picture": "The loss of a sure and wrong yes against its logit. The exact line rises to 45. By way of p "
        "it ends at a cross near 17 in float32 and near 37 in float64, and is infinite from there on. With p clipped "
        "it stays at 16.",
    },
    "07_calibration": {
        "data": "The training patients by two measurements. Class 0 lies at the top, 1 at the lower left, 2 at the "
        "right, and the few of class 3 between them. The classes overlap.",
        "curves": "The loss of the training patients falls with each epoch. That of the validation patients is lowest "
        "near the beginning and then rises.",
        "diagrams": "Two reliability diagrams. Exact probabilities: the dots lie on the dashed line. The network: in "
        "the bins of high confidence it says more than the share it gets right.",
        "valley": "The cross entropy of the validation patients against the temperature: a valley, lowest at a "
        "temperature above 1.",
        "diagrams_after": "Two reliability diagrams, with temperature 1 and with the fitted one. Fitted, the dots are "
        "nearer to the dashed line and the cross entropy is lower, but not all dots meet it.",
        "costs": "A table of costs. A right decision costs 0. Deciding wrongly costs 1 where 0, 1 or 2 is true, and 10 "
        "where 3 is true.",
        "maps": "Two maps of decisions with the exact probabilities. By the most probable class, class 3 has a small "
        "region in the middle; by the least expected cost it has a much larger one.",
        "all_costs": "The mean cost per patient of five ways to decide, as bars. Misreading the logits and taking the "
        "most probable class cost more than the expected cost with the network's probabilities; the exact "
        "probabilities cost least.",
    },
    "08_error_analysis": {
        "rounding_picture": "Left, the gap to the next float32 against x: a staircase that doubles at each power of "
        "two. Right, half a gap divided by x: a saw between one half u and one u.",
        "bound_picture": "The measured error of each vector against its bound, in units of u, for float32 and float16. "
        "All marks lie well below the line where they would be equal.",
        "length_picture": "Right bits against the number of classes. Added one after the other, the bits fall from 24 "
        "to 7 at 100 000 classes and join the bound's promise. With np.sum they stay at about 20.",
        "log1p_picture": "The error in ulp against x. log(1 + x) loses a factor of ten for every factor of ten in x, "
        "up to ten million ulp. Goldberg's formula and np.log1p stay at a few ulp.",
        "loss_picture": "Right bits against the exact loss for three formulas. All are good between 1 and 80. For "
        "large losses -log p falls to 0 bits; for small ones -log p and log s - (z_y - m) fall to 0 bits; with log1p "
        "it keeps 18 or more everywhere.",
    },
    "09_digits": {
        "first_digits": "Twenty pictures of handwritten digits, of 8 by 8 grey pixels, each with its label.",
        "counts": "How many pictures there are of each digit: about 130 for training and about 45 for the test, nearly "
        "the same for all ten.",
        "fit": "The loss of the training and of the test digits over 30 epochs. Both fall quickly; then the training "
        "line goes on falling and the test line stays behind.",
        "apart_picture": "One test digit: its picture, its ten logits and its ten probabilities. The largest bar "
        "stands in the same place on both sides, and other classes have a visible share of the 1.",
        "confusion_table": "A table of ten true digits by ten answers. Nearly all test digits are on the diagonal; a "
        "few errors are spread over the rest, and the most frequent one is framed.",
        "wrong_pictures": "The pictures that were read wrongly, the surest first, each with its true digit, what was "
        "said, and the probability of that.",
        "sure_picture": "How many digits have which largest probability. Read right: nearly all are above 0.9. Read "
        "wrongly: they are spread from below 0.5 to nearly 1.",
    },
}
