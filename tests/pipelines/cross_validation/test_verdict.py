import pytest

from bank_spark_dl.ml.evaluation.baseline_names import REMEDY
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.evaluation.results import FoldMeans, RegressionFoldMeans
from bank_spark_dl.pipelines.cross_validation.verdict import fold_verdict

NOTHING = Interval(0.0, -0.1, 0.1)
LOWER, HIGHER = Interval(-0.2, -0.3, -0.1), Interval(0.2, 0.1, 0.3)
BEGINS = "Over 5 folds, by log loss, the network "


def classes(log_loss: Interval) -> FoldMeans:
    return FoldMeans(accuracy=NOTHING, auc=LOWER, log_loss=log_loss, calibration_error=NOTHING)


@pytest.mark.parametrize(
    ("log_losses", "said"),
    [
        ({"decision_tree": LOWER}, "beats the decision tree."),
        ({"a": LOWER, "b": LOWER, "c": LOWER}, "beats the a, the b and the c."),
        ({"a": LOWER, "b": NOTHING}, "beats the a; it cannot be told apart from the b."),
        (
            {"tree": LOWER, "boosting": HIGHER, "regression": NOTHING, "forest": LOWER},
            "beats the tree and the forest; it is behind the boosting; it cannot be told apart "
            f"from the regression. {REMEDY}",
        ),
        (
            {"class_shares": NOTHING, "tree": LOWER},
            "beats the tree; it cannot be told apart from the shares of the classes among the "
            f"train rows. {REMEDY}",
        ),
    ],
)
def test_the_log_loss_decides(log_losses: dict[str, Interval], said: str) -> None:
    verdict = fold_verdict({name: classes(loss) for name, loss in log_losses.items()}, 5)
    assert verdict == BEGINS + said


def test_the_rmse_decides_for_numbers() -> None:
    means = RegressionFoldMeans(rmse=LOWER, mae=HIGHER, r2=NOTHING)
    verdict = fold_verdict({"linear_regression": means}, 3)
    assert verdict == "Over 3 folds, by RMSE, the network beats the linear regression."
