"""What was truly lost: competing claims reconciled into one posterior, and a verdict on each."""
