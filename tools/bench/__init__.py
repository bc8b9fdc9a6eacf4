"""What Attune costs, counted, beside programs that others would write for the same."""
