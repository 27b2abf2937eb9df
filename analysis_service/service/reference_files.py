"""Where a worker finds references, and the files that one is built from. Without the settings, which load pydantic and
gRPC: workers need neither."""

REFERENCE_FOLDER = "REFERENCE_FOLDER"
"""The variable that tells a worker process where the references are."""

WARM = "reference:warm"
"""The job that loads the classifier, so that no request waits for it."""

SEQUENCES_NAME, TAXONOMY_NAME, TREE_NAME = "sequences", "taxonomy", "tree"
"""In the folder that the job of building is told."""
