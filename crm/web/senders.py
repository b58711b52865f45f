"""Whom to count a request for, where requests are counted."""

from __future__ import annotations

import ipaddress

from flask import request


def network() -> str:
    """One IPv4 address, or the IPv6 network of 2^64 that a household or office is given."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
