"""What the labs' earlier analyzer computed, number for number: for comparison and migration, not for science.

Nothing here is used by the `standard` profile, and of that profile nothing is used here. Amplitudes are in the numbers
that the file holds (V), thresholds and windows are the earlier analyzer's, right or wrong.
"""
