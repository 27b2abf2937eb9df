"""Taxonomy of marker sequences. Pure: it knows no gRPC, no messages, no processes."""
