"""HTTP to the two systems: one session per host, nothing that a hostile answer could break."""
