"""The renewal dossier: what a company took part in and got, to be shown to its management."""
