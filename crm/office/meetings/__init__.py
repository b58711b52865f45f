"""Pages of meetings: plan, invite, take the attendance, minute, decide."""
