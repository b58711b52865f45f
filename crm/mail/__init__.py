"""Letters as values; the outbox that holds them until they are delivered."""
