"""The article's flow as it stands: stock Elephas, collected skew selection. Timed as a process.

Run as `python -m benchmarks.article PATH WORKERS`. It is here to be measured, not to be copied: it
fits before it splits, collects the table to the driver and cannot be repeated.
"""

import os
import sys
from typing import Any

from bank_spark_dl.spark.java import supported_java

CATEGORICAL = [
    *("job", "marital", "education", "default", "housing", "loan", "contact", "poutcome"),
]
NUMERIC = ["age", "balance", "duration", "campaign", "pdays", "previous"]


def skewed_columns(frame: Any) -> list[str]:
    """Choose columns by kurtosis, collecting the whole table twice for each."""
    return [
        name
        for name in NUMERIC
        if frame.toPandas()[name].kurt() < -2 or frame.toPandas()[name].kurt() > 2
    ]


def make_features(frame: Any) -> Any:
    """Fit the feature stages on all rows."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import OneHotEncoder, StandardScaler, StringIndexer, VectorAssembler

    stages: list[Any] = []
    for name in CATEGORICAL:
        stages += [
            StringIndexer(inputCol=name, outputCol=f"{name}_index"),
            OneHotEncoder(inputCols=[f"{name}_index"], outputCols=[f"{name}_vector"]),
        ]
    stages.append(StringIndexer(inputCol="deposit", outputCol="label_index"))
    skewed = skewed_columns(frame)
    plain = [name for name in NUMERIC if name not in skewed]
    stages += [
        VectorAssembler(inputCols=skewed, outputCol="skewed"),
        StandardScaler(inputCol="skewed", outputCol="scaled"),
        VectorAssembler(
            inputCols=[*(f"{name}_vector" for name in CATEGORICAL), "scaled", *plain],
            outputCol="features",
        ),
    ]
    return Pipeline(stages=stages).fit(frame).transform(frame).select("features", "label_index")


def make_estimator(inputs: int, workers: int) -> Any:
    """Set up stock Elephas with the article's network and settings."""
    from elephas.ml_model import ElephasEstimator
    from tensorflow.keras import Sequential, layers, optimizers, regularizers

    network = Sequential([layers.Input((inputs,))])
    for _ in range(2):
        network.add(layers.Dense(256, activity_regularizer=regularizers.l2(0.01)))
        network.add(layers.Activation("relu"))
        network.add(layers.Dropout(0.3))
    network.add(layers.Dense(2, activation="sigmoid"))
    return ElephasEstimator(
        keras_model_config=network.to_json(),
        optimizer_config=optimizers.serialize(optimizers.Adam(learning_rate=0.01)),
        featuresCol="features",
        labelCol="label_index",
        outputCol="prediction",
        categorical=True,
        nb_classes=2,
        num_workers=workers,
        epochs=25,
        batch_size=64,
        verbose=0,
        validation_split=0.10,
        loss="binary_crossentropy",
        metrics=["acc"],
        mode="synchronous",
        frequency="epoch",
    )


def report(model: Any, frame: Any, name: str) -> None:
    """Print accuracy and confusion matrix of some rows."""
    from pyspark.mllib.evaluation import MulticlassMetrics

    pairs = model.transform(frame).select("prediction", "label_index")
    pairs = pairs.rdd.map(lambda row: (float(row[0][1] > row[0][0]), row[1]))
    metrics = MulticlassMetrics(pairs)
    print(name, metrics.accuracy, metrics.confusionMatrix().toArray().tolist())


def start(**settings: str) -> Any:
    """Start Spark as the article does."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    with supported_java():
        builder = SparkSession.builder.master("local[6]").appName("article")
        return builder.config(map=settings).getOrCreate()


def load_and_split(spark: Any, path: str) -> list[Any]:
    """Load, make features, shuffle, split."""
    from pyspark.sql.functions import rand

    frame = spark.read.csv(path, header=True, inferSchema=True).drop("id", "day", "month")
    frame.show(5)
    return make_features(frame).orderBy(rand()).randomSplit([0.8, 0.2])


def main(path: str, workers: int) -> None:
    """Run the nine steps."""
    from pyspark.ml import Pipeline

    spark = start()
    train, test = load_and_split(spark, path)
    estimator = make_estimator(len(train.select("features").first()[0]), workers)
    model = Pipeline(stages=[estimator]).fit(train)
    report(model, train, "train")
    report(model, test, "test")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
