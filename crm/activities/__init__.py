"""What was said and what is to be done: contact reports, tasks, clearances."""
