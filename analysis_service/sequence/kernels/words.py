"""Operations on 64-bit words that the processor has and Python has not."""

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_WORD = ir.IntType(64)


@intrinsic  # type: ignore[untyped-decorator]  # numba carries no types
def ones_in(_context: Any, _word: Any) -> Any:
    """How many bits of a word are set."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic("llvm.ctpop", [_WORD]), arguments)

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba carries no types
def lowest_one(_context: Any, _word: Any) -> Any:
    """The position of the lowest bit that is set; the word is not 0."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        form = ir.FunctionType(_WORD, [_WORD, ir.IntType(1)])
        count = builder.module.declare_intrinsic("llvm.cttz", [_WORD], form)
        return builder.call(count, [arguments[0], ir.Constant(ir.IntType(1), 1)])

    return types.int64(types.uint64), generate
