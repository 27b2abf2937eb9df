"""Marker sequences: from the bytes of a FASTA or FASTQ file to lineages and the diversity of a sample.

Pure: no gRPC, no messages, no processes. Data flows one way::

    intake.take_in(bytes) -> unique sequences -> one assignment each -> sample.analyse(members, ranks, params)

Nothing is imported here, so that reading parameters does not load the libraries of the analysis.
"""
