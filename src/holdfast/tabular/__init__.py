"""Tables of a user's own: CSV, Parquet, spreadsheets and DataFrames, read with every fault named at once.

`source` turns any of them into a grid of text under the known columns' names, `cells` reads cells and gathers a row's values
and faults. `sheet` reads a file of fixed form column by column.
"""
