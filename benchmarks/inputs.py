"""Rows, network and session that all contestants share."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.distributed import spark_conf

N_FEATURES = 30
EPOCHS, BATCH_SIZE, VALIDATION_SPLIT = 25, 64, 0.1
OPTIMIZER = {"class_name": "adam", "config": {"learning_rate": 0.01}}
NUMERIC = ["age", "balance", "duration", "campaign", "pdays", "previous"]


def start_session(cores: int, *, engine: bool) -> SparkSession:
    """Start a local session, with the engine's settings or plain."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master(f"local[{cores}]").config(
        map={
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.memory": "3g",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(cores),
        }
    )
    if engine:
        builder = builder.config(map=spark_conf())
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def real_arrays(path: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Read the bank file as 30 features (numbers scaled, categories as indicators) and labels."""
    table = pd.read_csv(path)
    label = (table["deposit"] == "yes").to_numpy(np.float32)
    columns = table.drop(columns=["id", "deposit", "day", "month"], errors="ignore")
    columns[NUMERIC] = columns[NUMERIC] / columns[NUMERIC].std()
    features = pd.get_dummies(columns, dtype=float).iloc[:, :N_FEATURES]
    return features.to_numpy(np.float32), label


def real_frame(spark: SparkSession, path: Path) -> DataFrame:
    """Read the bank file as a cached DataFrame of `row_id`, `label`, `features`."""
    features, label = real_arrays(path)
    rows = [(n, float(label[n]), features[n].tolist()) for n in range(len(label))]
    frame = spark.createDataFrame(rows, "row_id long, label double, values array<float>")
    vector = array_to_vector(sf.col("values").cast("array<double>"))
    frame = frame.select("row_id", "label", vector.alias("features")).cache()
    frame.count()
    return frame


def write_generated(folder: Path, rows: int) -> None:
    """Write generated rows as parquet: `row_id`, `label`, `features`."""
    spark = start_session(2, engine=False)
    generated_frame(spark, rows).write.mode("overwrite").parquet(str(folder))
    spark.stop()


def generated_frame(spark: SparkSession, rows: int) -> DataFrame:
    """Generate rows: `row_id`, `label`, `features`."""
    ids = spark.range(rows).withColumnRenamed("id", "row_id")
    values = sf.array(*(sf.rand(seed) for seed in range(N_FEATURES)))
    label = (values[0] + sf.rand(99) > 1).cast("double")
    return ids.select("row_id", label.alias("label"), array_to_vector(values).alias("features"))


def network() -> Any:
    """Build the article's network: 30 inputs, 74,242 parameters."""
    import keras  # seconds; the contestant that only reads does not pay them

    layers = keras.layers
    model = keras.Sequential([keras.Input((N_FEATURES,))])
    for _ in range(2):
        model.add(layers.Dense(256, activity_regularizer=keras.regularizers.L2(0.01)))
        model.add(layers.Activation("relu"))
        model.add(layers.Dropout(0.3))
    model.add(layers.Dense(2, activation="sigmoid"))
    return model
