"""Fatigue as a trend over contractions: a slope with its uncertainty, not a single number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

_MIN_POINTS = 3
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class EmgTrend:
    """Least-squares line of a measure over time, in the measure's own unit.

    Attributes
    ----------
    n : int
        Contractions the line rests on.
    slope_per_min : float, unit/min
        Change a minute.
    ci_low_per_min : float, unit/min
        Lower end of the slope's 95 % confidence interval (Student's t, n - 2 degrees of freedom).
    ci_high_per_min : float, unit/min
        Upper end of that interval.
    intercept : float
        Value of the line at the beginning of the recording.
    r_squared : float
        Share of the variance that the line explains, 0 to 1.
    slope_percent_per_min : float, %/min, or None
        The slope in percent of the intercept; None where that is not positive.
    """

    n: int
    slope_per_min: float
    ci_low_per_min: float
    ci_high_per_min: float
    intercept: float
    r_squared: float
    slope_percent_per_min: float | None


@dataclass(frozen=True, slots=True)
class EmgFatigue:
    """Trends over contractions (Merletti & Farina 2016). Each is None with fewer than 3 contractions.

    Falling frequencies with a steady or rising amplitude are what fatigue looks like in a steady task.

    Attributes
    ----------
    median_frequency_hz : EmgTrend or None
        Trend of the median frequency, Hz.
    mean_frequency_hz : EmgTrend or None
        Trend of the mean frequency, Hz.
    rms_uv : EmgTrend or None
        Trend of the root mean square, uV.
    fi_nsm5 : EmgTrend or None
        Trend of Dimitrov's index, s^6.
    """

    median_frequency_hz: EmgTrend | None
    mean_frequency_hz: EmgTrend | None
    rms_uv: EmgTrend | None
    fi_nsm5: EmgTrend | None


def trend(times_s: Sequence[float], values: Sequence[float]) -> EmgTrend | None:
    """Fit a line.

    Parameters
    ----------
    times_s
        Mid-times of the contractions, in seconds from the beginning of the recording.
    values
        The measure of each.

    Returns
    -------
    EmgTrend or None
        None with fewer than three points, or all at one time.
    """
    x, y = np.asarray(times_s, dtype=np.float64) / 60.0, np.asarray(values, dtype=np.float64)
    n = x.size
    if n < _MIN_POINTS or not np.ptp(x) > 0:
        return None
    dx, dy = x - x.mean(), y - y.mean()
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    slope = sxy / sxx
    intercept = float(y.mean() - slope * x.mean())
    residual = max(0.0, syy - slope * sxy)
    error = float(np.sqrt(residual / (n - 2) / sxx))
    reach = float(special.stdtrit(n - 2, 0.5 + _CONFIDENCE / 2)) * error
    return EmgTrend(
        n=n,
        slope_per_min=slope,
        ci_low_per_min=slope - reach,
        ci_high_per_min=slope + reach,
        intercept=intercept,
        r_squared=1.0 - residual / syy if syy > 0 else 0.0,
        slope_percent_per_min=100.0 * slope / intercept if intercept > 0 else None,
    )
