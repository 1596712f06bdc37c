import numpy as np
import pytest

from bank_spark_dl.distributed.training.class_metrics import (
    TOP_K,
    no_class_scores,
    score_classes,
)

CLASSES, ROWS = 5, 800


def drawn(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    label = draw.integers(CLASSES, size=ROWS)
    scores = draw.normal(size=(ROWS, CLASSES)) + 1.5 * np.eye(CLASSES)[label]
    probability = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return probability, label.astype(np.float32), draw.uniform(0, 3, ROWS)


def area(stated: np.ndarray, own: np.ndarray, weight: np.ndarray) -> float:
    """Share of the pairs of a row of the class and one of another that are in the right order."""
    above = np.sign(stated[own][:, np.newaxis] - stated[~own]) / 2 + 0.5
    pairs = weight[own][:, np.newaxis] * weight[~own]
    return float((above * pairs).sum() / pairs.sum())


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_figures_are_what_their_names_say(weighted: bool) -> None:
    probability, label, drawn_weight = drawn()
    weight = drawn_weight if weighted else np.ones(ROWS)
    halves = [
        score_classes(
            weight[rows].sum() * 0.5,
            probability[rows],
            label[rows],
            weight[rows] if weighted else None,
        )
        for rows in (slice(300), slice(300, ROWS))
    ]
    figures = sum(halves, no_class_scores(CLASSES)).figures()
    number = label.astype(int)
    order = (-probability).argsort(axis=1)
    own = probability[np.arange(ROWS), number]
    assert figures["val_loss"] == pytest.approx(0.5)
    assert figures["val_accuracy"] == pytest.approx(
        np.average(order[:, 0] == number, weights=weight)
    )
    assert figures["val_log_loss"] == pytest.approx(np.average(-np.log(own), weights=weight))
    among = (order[:, :TOP_K] == number[:, np.newaxis]).any(axis=1)
    assert figures["val_top_k"] == pytest.approx(np.average(among, weights=weight))
    areas = [area(probability[:, n], number == n, weight) for n in range(CLASSES)]
    shares = [weight[number == n].sum() for n in range(CLASSES)]
    error = figures["val_auc_error"]
    assert 0 < error < 1e-3
    assert figures["val_auc"] == pytest.approx(np.mean(areas), abs=error)
    assert figures["val_auc_weighted"] == pytest.approx(
        np.average(areas, weights=shares), abs=2 * error
    )


def test_one_class_alone_has_no_area() -> None:
    probability, _, _ = drawn()
    figures = score_classes(1.0, probability[:3], np.zeros(3, np.float32), None).figures()
    assert "val_auc" not in figures
    assert figures["val_loss"] == pytest.approx(1 / 3)


def test_what_is_no_probability_makes_the_loss_unknown() -> None:
    probability, label, _ = drawn()
    probability[7, 2] = np.nan
    scores = score_classes(1.0, probability, label, None)
    assert np.isnan(scores.loss)
    assert scores.bins[:, 0].sum() == ROWS - 1


def test_a_summary_has_one_size_for_any_number_of_classes() -> None:
    sizes = [no_class_scores(classes).bins.nbytes for classes in (3, 26, 1_000, 20_000)]
    assert max(sizes) <= 2 * 2**20
