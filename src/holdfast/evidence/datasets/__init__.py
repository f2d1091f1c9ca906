"""Public data sets: where they are, how they are fetched and checked, and readers that give labelled xarray Datasets.

Nothing here is needed by the rest of Holdfast, and none of the data is shipped with it.
"""
