"""Names from the data are printed as they are, not as Rich's markup."""

from io import StringIO

from rich.console import Console

from bank_spark_dl.messages.terminal import print_preview, print_results

NAME = "[red]a[/blue]"  # Rich would refuse to draw it


def test_columns_and_file_names_are_no_markup() -> None:
    screen = StringIO()
    console = Console(file=screen, width=200)
    part = {"rows": 1, "accuracy": 0.5, "auc": 0.5, "log_loss": 0.5}
    data = {"source": f"{NAME}.csv", "rows": 2, "synthetic": False}
    print_preview([(NAME, "string")], [(f"{NAME}!",)], console)
    print_results({"data": data, "train": part, "test": part, "baselines": {}}, console)
    for text in (f" {NAME} ", f"{NAME}!", f"{NAME}.csv"):
        assert text in screen.getvalue()
