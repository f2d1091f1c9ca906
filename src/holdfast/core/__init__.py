"""What every layer may use: faults, units, parameters, types, luck, settings of the machine. Nothing here reads a file."""
