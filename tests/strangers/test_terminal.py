"""Names from the data are printed as they are, not as Rich's markup."""

from io import StringIO

from rich.console import Console

from bank_spark_dl.messages.terminal import print_preview, print_results
from bank_spark_dl.ml.evaluation.figures import Figures
from bank_spark_dl.ml.evaluation.results import DataFacts, Metrics, ModelFacts

NAME = "[red]a[/blue]"  # Rich would refuse to draw it


def test_columns_and_file_names_are_no_markup() -> None:
    screen = StringIO()
    console = Console(file=screen, width=200)
    part = Figures(1, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, ((1, 0), (0, 0)))
    data = DataFacts(f"{NAME}.csv", 2, synthetic=False)
    model = ModelFacts(1, 1, 0.5, 0.5, 1, 1, 1, 0, None, 1, "ab", 1)
    metrics = Metrics(data, model, None, part, part, {}, (), None, {}, None, "random", ())
    print_preview([(NAME, "string")], [(f"{NAME}!",)], console)
    print_results(metrics, console)
    for text in (f" {NAME} ", f"{NAME}!", f"{NAME}.csv"):
        assert text in screen.getvalue()
