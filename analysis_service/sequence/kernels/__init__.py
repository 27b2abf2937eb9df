"""The inner loops, compiled to machine code. Integers wherever possible: the same bits on every machine."""
