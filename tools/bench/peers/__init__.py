"""The same three requests as others write them; they are programs of their own and import nothing of Attune."""
