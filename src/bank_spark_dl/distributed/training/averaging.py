"""Average the weights of a round's workers (parameter averaging).

Always in worker order and weighted by rows, as FederatedAveraging does (McMahan et al.,
Communication-Efficient Learning of Deep Networks from Decentralized Data, 2017).
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Arrays = list[npt.NDArray[Any]]
AT_ONCE: Final = 2**17
"""Numbers that the driver holds in float64 at once: a table of embeddings may be large."""


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
    mean = np.empty_like(arrays[0])
    for piece in _pieces(mean):
        total = np.zeros(mean[piece].shape, dtype=np.float64)
        for array, share in zip(arrays, shares, strict=True):
            total += share * array[piece]
        mean[piece] = total
    return mean


def _pieces(array: npt.NDArray[Any]) -> Iterator[Any]:
    """Yield indices that cut an array along its first axis."""
    if array.size <= AT_ONCE:
        yield ...
        return
    step = max(1, AT_ONCE * len(array) // array.size)
    yield from (slice(start, start + step) for start in range(0, len(array), step))


def weights_sha256(weights: Arrays) -> str:
    """Hash weights: SHA-256 over their little-endian float32 values in layer order."""
    digest = hashlib.sha256()
    for array in weights:
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()
