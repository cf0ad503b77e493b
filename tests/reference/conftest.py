import pytest

from claim_audit.reference import Reference


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference.load()
