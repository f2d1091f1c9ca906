"""Tables of a user's own: CSV, Parquet, spreadsheets and DataFrames, read with every fault told at once.

`source` turns any of them into a grid of text, `header` finds the known columns, `cells` reads one cell, `rows` gathers a
row's values and faults. `sheet` reads a file of fixed form column by column.
"""
