"""Care of the records as a whole: loading, importing, the demo."""
