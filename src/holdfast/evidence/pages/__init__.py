"""What is shown of the evidence: charts, a card for one claim, and one offline page. Reads a posterior, fits nothing."""
