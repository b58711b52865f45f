"""The edge: access, clock, session, forms, errors. Below the faces only this room knows Flask."""
