"""Pages of the factories: facilities, who takes part, the ledger of contributions."""
