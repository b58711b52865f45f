"""Pages of the renewal dossier: what a company took part in and got."""
