"""The analysis service: it reads recordings and computes, in worker processes. It keeps nothing."""
