"""The backtest: the model held against armies that it has not seen, beside baselines that know the same codes."""
