"""Say in sentences how the network compares with the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TypeVar

from bank_spark_dl.ml.evaluation.baseline_names import FLOORS, REMEDY, baseline_name
from bank_spark_dl.ml.evaluation.intervals import Interval

T = TypeVar("T")


def floors_last(by_model: Mapping[str, T]) -> dict[str, T]:
    """Put those baselines behind the others that know nothing of a row."""
    return dict(sorted(by_model.items(), key=lambda entry: entry[0] in FLOORS))


def useless_sentence(found: str, unscaled: Sequence[str]) -> str:
    """Say that a network has learnt nothing, and what to do.

    Args:
        found: Why.
        unscaled: Numeric columns that are not standardized.
    """
    return f"The network has learnt nothing of use: {found}. {_remedy(unscaled)}"


def _remedy(unscaled: Sequence[str]) -> str:
    if not unscaled:
        return "Try a lower elephas.optimizer.learning_rate, more epochs or other columns."
    are = "is" if len(unscaled) == 1 else "are"
    return (
        f"Of the numeric columns {', '.join(unscaled)} {are} not standardized, and large numbers "
        "keep a network from learning: standardize all of them with features.skew.lower: 0 and "
        "features.skew.upper: 0."
    )


@dataclass(frozen=True)
class Difference:
    """The network's figure minus a baseline's, on the same rows.

    Attributes:
        figure: Name of the figure.
        interval: None where it cannot be compared.
        gain: 1 where a higher figure is better, -1 where a lower one is, 0 where it decides not.
        shown: The difference in words, with its interval.
    """

    figure: str
    interval: Interval | None
    gain: int
    shown: str

    @property
    def sign(self) -> int:
        """1 where the network is clearly better, -1 where it is clearly worse, else 0."""
        return self.gain * self.interval.sign if self.interval else 0


@dataclass(frozen=True)
class BaselineComparison:
    """How the network compares with a baseline.

    Attributes:
        baseline: Its name.
        differences: At least one with a gain.
    """

    baseline: str
    differences: Sequence[Difference]

    @property
    def better(self) -> list[str]:
        """Figures in which the network is clearly better."""
        return [each.figure for each in self.differences if each.sign > 0]

    @property
    def worse(self) -> list[str]:
        """Figures in which the network is clearly worse."""
        return [each.figure for each in self.differences if each.sign < 0]

    @property
    def is_behind(self) -> bool:
        """Whether the network is clearly worse in a figure and clearly better in none."""
        return bool(self.worse) and not self.better

    @property
    def name(self) -> str:
        """The baseline in words."""
        return baseline_name(self.baseline)

    def sentence(self, rows: int) -> str:
        """Say whether the network beats the baseline, by how much and how sure that is.

        Args:
            rows: Number of the rows on which they are compared.

        Returns:
            It claims a difference only if the interval excludes zero.
        """
        better, worse = self.better, self.worse
        alike = [each.figure for each in self.differences if each.gain and each.sign == 0]
        if better and worse:
            said = f"The network is better than the {self.name} in {better[0]}"
            said += f" and worse in {worse[0]}"
        elif not better and not worse:
            said = f"The network and the {self.name} cannot be told apart by {rows:,} test rows"
        else:
            said = f"The network {'beats' if better else 'is worse than'} the {self.name}"
            said += f" in {(better or worse)[0]}, but not clearly in {alike[0]}" if alike else ""
        return f"{said} ({'; '.join(each.shown for each in self.differences)})."


def verdict_sentences(by_baseline: Mapping[str, Sequence[Difference]], rows: int) -> list[str]:
    """Say of each baseline whether the network beats it.

    Args:
        by_baseline: Differences from each, at least one of them with a gain.
        rows: Number of the rows on which they are compared.

    Returns:
        A sentence for each baseline. Where some are ahead, a sentence that names them and what to
        do comes first.
    """
    comparisons = [BaselineComparison(name, found) for name, found in by_baseline.items()]
    sentences = [comparison.sentence(rows) for comparison in comparisons]
    ahead = [f"the {comparison.name}" for comparison in comparisons if comparison.is_behind]
    if not ahead:
        return sentences
    return [f"The network is behind {' and '.join(ahead)}. {REMEDY}", *sentences]


def log_loss_difference(difference: Interval) -> Difference:
    """Return a difference of log loss, which decides: it does not depend on a threshold."""
    mean, low, high = astuple(difference)
    shown = f"log loss {mean:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"
    return Difference("log loss", difference, -1, shown)


def accuracy_difference(difference: Interval, gain: int) -> Difference:
    """Return a difference of accuracy in points."""
    mean, low, high = (100 * end for end in astuple(difference))
    shown = f"accuracy {mean:+.1f} points, {low:+.1f} to {high:+.1f}"
    return Difference("accuracy", difference, gain, shown)
