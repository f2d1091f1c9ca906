"""Statistics that more than one layer needs: intervals, scores, agreement of coders, importance weights."""
