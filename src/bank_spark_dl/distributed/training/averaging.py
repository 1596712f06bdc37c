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


def weighted_mean(parts: Sequence[Arrays], rows: Sequence[int]) -> Arrays:
    """Average lists of arrays.

    Args:
        parts: One list of arrays for each worker, all of the same shapes.
        rows: Rows each worker trained on; a worker with 0 rows has no weight.

    Returns:
        sum(rows[i] * parts[i]) / sum(rows), summed in float64, in the arrays' own dtypes. Of
        integers (an optimizer's step counter) it is the largest.
    """
    shares = np.asarray(rows, dtype=np.float64) / sum(rows)
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
