"""The parts of the war: pure functions of arrays, one part a file, none knowing another."""
