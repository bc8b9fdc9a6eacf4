"""Reports: what happened, told by changes of rows; what is counted of it by day; and what an owner is shown of that."""
