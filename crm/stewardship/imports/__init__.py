"""Taking over what others kept in spreadsheets or another CRM: all of a file, or nothing."""
