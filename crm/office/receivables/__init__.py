"""What is owed: by company and age, invoice by invoice, and the reminders that go out."""
