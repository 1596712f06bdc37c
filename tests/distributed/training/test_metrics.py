import numpy as np
import pytest

from bank_spark_dl.distributed.training.metrics import NO_SCORES, score_rows


def exact_auc(probability: np.ndarray, label: np.ndarray) -> float:
    positive, negative = probability[label == 1], probability[label == 0]
    above = (positive[:, None] > negative).mean()
    return float(above + (positive[:, None] == negative).mean() / 2)


def test_auc_is_exact_within_its_own_bound() -> None:
    generator = np.random.default_rng(0)
    label = generator.integers(0, 2, 2000).astype(np.float32)
    probability = np.clip(0.3 * label + generator.uniform(0, 0.7, 2000), 0, 1)
    halves = [
        score_rows(1.0, probability[s], label[s], 0.5) for s in (slice(900), slice(900, 2000))
    ]
    figures = sum(halves, NO_SCORES).figures()
    assert figures["val_auc"] == pytest.approx(
        exact_auc(probability, label), abs=figures["val_auc_error"] + 1e-12
    )
    assert figures["val_auc_error"] < 1e-3
    assert figures["val_accuracy"] == np.mean((probability > 0.5) == (label == 1))
    assert figures["val_loss"] == 2.0 / 2000


def test_auc_is_absent_with_one_label_only() -> None:
    assert "val_auc" not in score_rows(0.0, np.array([0.2]), np.float32([0]), 0.5).figures()


def test_an_output_that_is_no_probability_spoils_the_loss_and_nothing_else() -> None:
    """Float32 overflows inside a network: the driver refuses such a round."""
    probability, label = np.array([0.9, np.nan, 0.2, 1.5]), np.float32([1, 1, 0, 0])
    scores = score_rows(0.7, probability, label, 0.5)
    figures = scores.figures()
    assert np.isnan(figures.pop("val_loss"))
    assert figures == {"val_accuracy": 1.0, "val_auc": 1.0, "val_auc_error": 0.0}
    nothing = score_rows(0.7, np.array([np.nan]), np.float32([1]), 0.5)
    assert np.isnan((scores + nothing).figures()["val_loss"])
    assert np.isnan(nothing.figures()["val_loss"])
