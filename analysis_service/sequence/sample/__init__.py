"""A sample as a whole: composition, clusters, diversity, views; and samples against each other.

All of it follows from the unique sequences, their abundances and their assignments, whatever their order. Nothing is
imported here.
"""
