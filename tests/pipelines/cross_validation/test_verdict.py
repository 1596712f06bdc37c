import pytest

from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import FoldMeans, RegressionFoldMeans
from bank_spark_dl.pipelines.cross_validation.verdict import fold_verdict

NOTHING = Interval(0.0, -0.1, 0.1)
LOWER, HIGHER = Interval(-0.2, -0.3, -0.1), Interval(0.2, 0.1, 0.3)
SEARCH = " Search for better settings: kedro run --pipelines=tuning."


def classes(log_loss: Interval) -> FoldMeans:
    return FoldMeans(accuracy=NOTHING, auc=LOWER, log_loss=log_loss, calibration_error=NOTHING)


@pytest.mark.parametrize(
    ("log_losses", "said"),
    [
        ({"decision_tree": LOWER}, "beats the decision tree."),
        (
            {"tree": LOWER, "gradient_boosting": HIGHER, "logistic_regression": NOTHING},
            "beats the tree, is behind the gradient boosting and cannot be told apart from the "
            f"logistic regression.{SEARCH}",
        ),
        ({"a": LOWER, "b": LOWER, "c": LOWER}, "beats the a, the b and the c."),
        ({"tree": HIGHER, "forest": HIGHER}, f"is behind the tree and the forest.{SEARCH}"),
    ],
)
def test_the_log_loss_decides(log_losses: dict[str, Interval], said: str) -> None:
    verdict = fold_verdict({name: classes(loss) for name, loss in log_losses.items()}, 5)
    assert verdict == f"By the log loss over 5 folds the network {said}"


def test_the_rmse_decides_for_numbers() -> None:
    means = RegressionFoldMeans(rmse=LOWER, mae=HIGHER, r2=NOTHING)
    verdict = fold_verdict({"linear_regression": means}, 3)
    assert verdict == "By the RMSE over 3 folds the network beats the linear regression."


def test_no_other_model_is_said() -> None:
    assert "compared with no other model" in fold_verdict({}, 5)
