"""Files: written whole or not at all, as JSON, CSV, arrays, records and labelled data; and fits cached between runs."""
