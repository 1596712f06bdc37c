"""How sentences call the baselines, and what helps against them."""

from typing import Final

FLOORS: Final = {
    "class_shares": "shares of the classes among the train rows",
    "mean": "mean of the train rows",
}
"""How sentences call the baselines that know nothing of a row."""

REMEDY: Final = (
    "What helped on such tables: the encoding, the ensemble and the training that kedro draft "
    "writes for a table (for the bank, --env=tuned has them), then a search for better settings, "
    "kedro run --pipelines=tuning in the same environment."
)
"""What to do where the network is behind."""


def baseline_name(model: str) -> str:
    """Call a baseline as sentences do."""
    return FLOORS.get(model, model.replace("_", " "))
