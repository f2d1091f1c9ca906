"""Why an army breaks or holds: pressures put to their calm and extreme levels, alone and together."""
