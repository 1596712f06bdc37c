import pytest

from bank_spark_dl.pipelines.reporting.verdict import verdict_sentences


@pytest.mark.parametrize(
    ("mean", "low", "high", "words"),
    [
        (0.02, 0.005, 0.035, "beats the decision tree (+2.0 points of accuracy, 95% interval +0.5"),
        (-0.02, -0.035, -0.005, "is worse than the decision tree (-2.0 points"),
        (0.02, -0.005, 0.045, "neither beats nor loses to the decision tree (+2.0 points"),
    ],
)
def test_a_difference_is_claimed_only_if_its_interval_excludes_zero(
    mean: float, low: float, high: float, words: str
) -> None:
    difference = {"mean": mean, "low": low, "high": high}
    (sentence,) = verdict_sentences({"decision_tree": {"accuracy": difference}}, 2243)
    assert words in sentence
    assert ("2,243 test rows cannot tell them apart" in sentence) == (low < 0 < high)
