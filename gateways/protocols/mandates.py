"""What parents permit, signed."""

from typing import Protocol

from pydantic import SecretStr

from domain.mandates import MandateClaims, SignedClaims


class Mandates(Protocol):
    """Signs mandates, and reads signed ones. Nobody outside is asked; the keys are our own."""

    def sign(self, claims: MandateClaims) -> SecretStr:
        """The claims as a token. The same claims under the same key give the same token.

        Raises:
            NoSigningKey: this program only verifies.
        """
        ...

    def read(self, token: SecretStr | None) -> SignedClaims:
        """What the token says, if a key that is known here signed it. None: it was never signed.

        Whether that holds now, and for which registration, is not asked: `domain.consent` says.

        Raises:
            MandateForged: it is none that we signed.
            MandateKeyUnknown: it names a key that is not given here.
        """
        ...

    def public_keys(self) -> str:
        """What verifies, as MANDATE_SIGNING_KEYS takes it: for a program that signs none."""
        ...
