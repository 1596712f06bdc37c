"""What a network's outputs mean as a probability."""

import numpy as np
import numpy.typing as npt


def positive_probability(outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Turn a network's outputs into the probability of label 1.

    Args:
        outputs: (rows, 2), independent sigmoids or a softmax, or (rows, 1), one sigmoid.

    Returns:
        (rows,) float64 in [0, 1]: the second output's share of the sum, or the only output.
    """
    wide = outputs.astype(np.float64)
    if wide.shape[1] == 1:
        return wide[:, 0]
    total = wide.sum(axis=1)
    return np.divide(wide[:, 1], total, out=np.full(len(wide), 0.5), where=total > 0)
