import numpy as np
import pytest

from bank_spark_dl.distributed.training.number_metrics import NumberScores, score_numbers

MEAN, SCALE = 5e6, 40.0


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_figures_are_in_the_labels_units(weighted: bool) -> None:
    """Labels far from 0 differ by little: their squares alone would leave no digit."""
    draw = np.random.default_rng(0)
    label = draw.normal(size=900).astype(np.float32)
    prediction = label + draw.normal(size=900)
    weight = draw.uniform(0, 3, 900) if weighted else None
    parts = [
        score_numbers(
            2.0,
            prediction[rows],
            label[rows],
            weight if weight is None else weight[rows],
            SCALE,
            0.0,
        )
        for rows in (slice(300), slice(300, 900))
    ]
    figures = sum(parts, NumberScores(SCALE)).figures()
    truth, stated = (values * SCALE + MEAN for values in (label.astype(float), prediction))
    shares = np.ones(900) if weight is None else weight
    squared = np.average((truth - stated) ** 2, weights=shares)
    variance = np.average((truth - np.average(truth, weights=shares)) ** 2, weights=shares)
    assert figures["val_loss"] == pytest.approx(4 / shares.sum())
    assert figures["val_rmse"] == pytest.approx(squared**0.5)
    assert figures["val_mae"] == pytest.approx(np.average(abs(truth - stated), weights=shares))
    assert figures["val_r2"] == pytest.approx(1 - squared / variance)


def test_equal_labels_have_no_r2() -> None:
    same = np.full(4, 2.0, np.float32)
    figures = score_numbers(1.0, np.array([1.0, 2, 3, 2]), same, None, 1.0, 2.0).figures()
    assert "val_r2" not in figures
    assert figures["val_mae"] == 0.5


def test_a_prediction_that_is_no_number_makes_the_loss_unknown() -> None:
    scores = score_numbers(1.0, np.array([np.inf]), np.float32([1]), None, 1.0, 0.0)
    assert np.isnan(scores.loss)
