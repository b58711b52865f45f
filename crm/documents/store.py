"""Where the bytes are: a local folder by default, S3 and its like by a setting."""

from __future__ import annotations

from functools import lru_cache

from obstore.store import LocalStore, ObjectStore, from_url


@lru_cache(maxsize=4)
def store_at(url: str) -> ObjectStore:
    """The store under an address: `file:///…` (made if it is missing) or `s3://bucket/prefix`."""
    if url.startswith("file://"):
        return LocalStore(url.removeprefix("file://"), mkdir=True)
    return from_url(url)
