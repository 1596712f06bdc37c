"""Average the weights of a round's workers (parameter averaging).

Always in worker order and weighted by rows, as FederatedAveraging does (McMahan et al.,
Communication-Efficient Learning of Deep Networks from Decentralized Data, 2017).
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = list[npt.NDArray[Any]]


def weighted_mean(parts: Sequence[Arrays], weights: Sequence[float]) -> Arrays:
    """Average lists of arrays.

    Args:
        parts: One list of arrays for each worker, all of the same shapes.
        weights: Sum of the weights of the rows each worker trained on, or their number.

    Returns:
        sum(weights[i] * parts[i]) / sum(weights), summed in float64, in the arrays' own dtypes. Of
        integers (an optimizer's step counter) it is the largest.
    """
    shares = np.asarray(weights, dtype=np.float64) / sum(weights)
    return [_mean(arrays, shares) for arrays in zip(*parts, strict=True)]


def _mean(arrays: Sequence[npt.NDArray[Any]], shares: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    if not np.issubdtype(arrays[0].dtype, np.floating):
        largest: npt.NDArray[Any] = np.maximum.reduce(list(arrays))
        return largest
    total = np.zeros(arrays[0].shape, dtype=np.float64)
    for array, share in zip(arrays, shares, strict=True):
        total += share * array
    return total.astype(arrays[0].dtype)


def weights_sha256(weights: Arrays) -> str:
    """Hash weights: SHA-256 over their little-endian float32 values in layer order."""
    digest = hashlib.sha256()
    for array in weights:
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()
