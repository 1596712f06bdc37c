"""Stop Spark's own progress bar, where another one is shown."""

from pyspark.sql import SparkSession


def stop_console_progress(session: SparkSession) -> None:
    """End the bar of `spark.ui.showConsoleProgress` for the rest of the session, if there is one.

    Args:
        session: In it trainings show a bar of their own; both would write into the same line.
    """
    bar = session._jsc.sc().progressBar()
    if bar.isDefined():
        bar.get().stop()
