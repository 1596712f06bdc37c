"""Multiply matrices so that a row of the result depends on its own row only.

BLAS libraries sum the products of a row in an order that may depend on where the row lies among
others. OpenBLAS's float32 kernels named Haswell and Zen, for processors with AVX2 and without
AVX-512, do so for every row; others only where a few rows are left over. So the same row would have
a score of another last bit in another batch.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

PADDED_ROWS: Final = 16
"""Rows are filled up to a multiple of it, so that no kernel has rows left over."""


@cache
def float32_depends_on_place() -> bool:
    """Tell whether float32 products of a row depend on its place, on this machine."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(3 * PADDED_ROWS, 64)).astype(np.float32)
    kernel = random.normal(size=(64, 32)).astype(np.float32)
    product = rows @ kernel
    return any(
        (np.roll(rows, places, axis=0) @ kernel != np.roll(product, places, axis=0)).any()
        for places in range(1, PADDED_ROWS)
    )


def exact_product(product: Callable[..., Any], kernel: Matrix) -> Callable[[Matrix], Matrix]:
    """Return a function that multiplies a multiple of PADDED_ROWS rows by a kernel.

    Where float32 products depend on a row's place, they are summed in float64 and rounded, which
    takes half as long again.

    Args:
        product: Of rows and kernel, such as `np.matmul`.
        kernel: A layer's weights, float32.
    """
    if not float32_depends_on_place():
        return lambda rows: product(rows, kernel)
    wide = kernel.astype(np.float64)

    def rounded(rows: Matrix) -> Matrix:
        multiplied: Matrix = product(rows.astype(np.float64), wide).astype(np.float32)
        return multiplied

    return rounded
