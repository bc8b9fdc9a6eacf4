"""What the system does when it takes more than one step. The clock, the queue sender and the writer are arguments."""
