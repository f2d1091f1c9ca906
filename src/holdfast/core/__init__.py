"""What every layer may use: faults and units. Nothing here reads a file or imports a heavy library."""
