"""Save and load typed results as JSON."""

import json
from typing import Any

from kedro.utils import load_obj
from kedro_datasets._typing import JSONPreview
from pydantic import TypeAdapter, ValidationError

from bank_spark_dl.datasets.atomic_files import JSONDataset
from bank_spark_dl.errors import InputDataError


class ResultDataset(JSONDataset):
    """A frozen dataclass, or a list or mapping of them, saved and loaded as JSON.

    In the catalog `result` names the type:

        metrics:
          type: bank_spark_dl.datasets.ResultDataset
          filepath: data/08_reporting/metrics.json
          result: bank_spark_dl.ml.evaluation.results.Metrics
    """

    def __init__(self, *, filepath: str, result: str, **options: Any) -> None:
        """Take what Kedro's JSONDataset takes.

        Args:
            filepath: Of the JSON file.
            result: Import path of the type.
            **options: Kedro's own.
        """
        super().__init__(filepath=filepath, **options)
        self._result = result

    def load(self) -> Any:
        """Read the file.

        Raises:
            InputDataError: Nothing is there, or something else than such a result.
        """
        content = super().load()
        try:
            return self._adapter().validate_python(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "its content"
            raise InputDataError(
                f"{self._filepath} is not what this version writes: {place}: {first['msg']}. "
                "Restore it, or delete it and run the pipeline that makes it, or all with kedro "
                "run."
            ) from error

    def save(self, data: Any) -> None:
        """Replace the file when the new one is completely written."""
        super().save(self._adapter().dump_python(data, mode="json"))

    def preview(self) -> JSONPreview:
        """Show the file as it is."""
        return JSONPreview(json.dumps(super().load()))

    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(load_obj(self._result))
