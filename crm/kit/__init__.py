"""No business and no Flask: what every room may use."""
