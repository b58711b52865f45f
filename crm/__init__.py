"""Alliance CRM: a membership CRM for a university-run industry alliance."""
