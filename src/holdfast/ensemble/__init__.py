"""Running: a plan of runs, worker processes that carry it out, and a store that keeps what is finished."""
