"""Surface electromyography: from the bytes of a C3D file to a session's result.

Pure: numpy, scipy and the standard library only. Data flows one way::

    c3d.read(bytes) -> Recording -> session.analyse(recording, params) -> EmgSession

Nothing is imported here, so that reading parameters does not load scipy.
"""
