"""A prior moves the probabilities that are stated, and everything that is read off them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import ElephasClassificationModel, ElephasClassifier
from bank_spark_dl.errors import ParameterError

PRIOR = 0.12


@pytest.fixture(scope="module")
def short(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"num_workers": 1, "epochs": 1, "validation_split": 0.2}


def fit(frame: DataFrame, settings: dict[str, Any], **more: Any) -> ElephasClassificationModel:
    """Train; an engine that does not know a parameter goes without: what it states decides."""
    classifier = ElephasClassifier(**settings)
    classifier._set(**{name: value for name, value in more.items() if classifier.hasParam(name)})
    return classifier.fit(frame)


@pytest.fixture(scope="module")
def plain(frame: DataFrame, short: dict[str, Any]) -> ElephasClassificationModel:
    return fit(frame, short)


@pytest.fixture(scope="module")
def turned(frame: DataFrame, short: dict[str, Any]) -> ElephasClassificationModel:
    return fit(frame, short, prior=PRIOR)


def stated(model: ElephasClassificationModel, frame: DataFrame) -> np.ndarray:
    scores = model.score(frame, "row_id").orderBy("row_id").collect()
    return np.array([row["probability"] for row in scores])


def log_odds(probability: Any) -> Any:
    return np.log(probability) - np.log1p(-np.asarray(probability))


def share_of_ones(frame: DataFrame) -> float:
    return float(frame.agg(sf.mean("label")).first()[0])


def test_probabilities_follow_bayes_rule(
    frame: DataFrame, plain: ElephasClassificationModel, turned: ElephasClassificationModel
) -> None:
    share, before = share_of_ones(frame), stated(plain, frame)
    yes, no = before * PRIOR / share, (1 - before) * (1 - PRIOR) / (1 - share)
    np.testing.assert_allclose(stated(turned, frame), yes / (yes + no), rtol=1e-9)
    assert turned.history.weights_sha256 == plain.history.weights_sha256


def test_every_figure_is_on_the_stated_scale(
    frame: DataFrame, plain: ElephasClassificationModel, turned: ElephasClassificationModel
) -> None:
    scored = turned.transform(frame).orderBy("row_id")
    pair = scored.select(
        vector_to_array("probability").alias("p"),
        vector_to_array("rawPrediction").alias("raw"),
        "prediction",
    ).collect()
    probability = np.array([row["p"] for row in pair])
    assert (probability[:, 1] == stated(turned, frame)).all()
    np.testing.assert_allclose([row["raw"] for row in pair], np.log(probability), rtol=1e-9)
    prediction = np.array([row["prediction"] for row in pair])
    assert (prediction == (probability[:, 1] > turned.getThreshold())).all()
    own = stated(plain, frame)
    np.testing.assert_allclose(
        [turned.calibrated_probability(float(p)) for p in own], probability[:, 1], rtol=1e-9
    )
    assert [plain.calibrated_probability(p) for p in (0.0, 0.3, 1.0)] == [0.0, 0.3, 1.0]


def test_it_is_saved_and_copied(
    frame: DataFrame, turned: ElephasClassificationModel, tmp_path: Path
) -> None:
    turned.save(str(tmp_path / "model"))
    loaded = ElephasClassificationModel.load(str(tmp_path / "model"))
    for other in (loaded, turned.copy()):
        assert other.prior_shift == turned.prior_shift != 0
        assert other.calibration == turned.calibration
        assert (stated(other, frame) == stated(turned, frame)).all()


def test_validation_counts_at_the_stated_threshold(
    frame: DataFrame, short: dict[str, Any], turned: ElephasClassificationModel
) -> None:
    """A threshold of the stated scale is another one of the network's own."""
    shift = log_odds(PRIOR) - log_odds(share_of_ones(frame))
    moved = fit(frame, short, threshold=float(1 / (1 + np.exp(shift))))
    at_half = fit(frame, short)
    accuracy = [m.history.rounds[-1].val_accuracy for m in (turned, moved, at_half)]
    assert accuracy[0] == accuracy[1] != accuracy[2]


@pytest.mark.parametrize(
    ("calibration", "weighted"), [("none", True), ("temperature", True), ("platt", False)]
)
def test_class_weights_count_where_they_act_on_the_probabilities(
    calibration: str, weighted: bool, frame: DataFrame, short: dict[str, Any]
) -> None:
    """Platt's intercept, fitted to rows that all count alike, takes their effect out."""
    more = {"class_weights": {0: 1.0, 1: 3.0}, "calibration": calibration}
    before = log_odds(stated(fit(frame, short, **more), frame))
    after = log_odds(stated(fit(frame, short, **more, prior=PRIOR), frame))
    learnt = log_odds(share_of_ones(frame)) + (np.log(3.0) if weighted else 0.0)
    np.testing.assert_allclose(after - before, log_odds(PRIOR) - learnt, rtol=1e-6)


@pytest.mark.parametrize("prior", [0, 1, 0.0, 1.0, -0.1, 1.1, float("nan"), True, "0.1", [0.1]])
def test_a_prior_is_a_share(prior: Any) -> None:
    with pytest.raises(ParameterError, match="prior"):
        ElephasClassifier(prior=prior)


def test_a_label_without_weight_has_no_share(frame: DataFrame, short: dict[str, Any]) -> None:
    with pytest.raises(
        ParameterError, match="give both labels a weight above 0, or set prior to None"
    ):
        fit(frame, short, prior=PRIOR, class_weights={0: 0.0, 1: 1.0})
