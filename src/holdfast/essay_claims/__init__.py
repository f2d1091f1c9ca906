"""The essay of November 2023, statement by statement: a test, a rule, a verdict that follows from it, and what came."""
