"""CRC-64/XZ of two texts joined, from the CRC of each: what an object in pieces needs.

A CRC is linear over GF(2): to append n zero bits is a multiplication by a matrix, and powers of it are squarings.
"""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0xC96C5795D7870F42
"""ECMA-182, reflected"""

Matrix = tuple[int, ...]


def combine(first: int, second: int, length: int, polynomial: int = _POLYNOMIAL, width: int = 64) -> int:
    """`length` is that of the second text, in bytes. Another reflected polynomial makes it another CRC's."""
    power = 0
    while length:
        if length & 1:
            first = _times(_zero_bytes(power, polynomial, width), first)
        length >>= 1
        power += 1
    return first ^ second


@cache
def _zero_bytes(power: int, polynomial: int, width: int) -> Matrix:
    """The matrix that appends 2**power zero bytes."""
    if power == 0:
        matrix: Matrix = (polynomial, *(1 << bit for bit in range(width - 1)))
        for _ in range(3):
            matrix = _squared(matrix)
        return matrix
    return _squared(_zero_bytes(power - 1, polynomial, width))


def _squared(matrix: Matrix) -> Matrix:
    return tuple(_times(matrix, row) for row in matrix)


def _times(matrix: Matrix, vector: int) -> int:
    product = 0
    for row in matrix:
        if not vector:
            break
        if vector & 1:
            product ^= row
        vector >>= 1
    return product
