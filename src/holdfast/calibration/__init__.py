"""Calibration: a small model army for each coded one, and what the parameters must be for them to fare as they did."""
