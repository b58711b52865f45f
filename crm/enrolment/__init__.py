"""The verbs that change a term together with its dues and its seats. Owns no tables."""
