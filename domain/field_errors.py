"""Fields that say who somebody is, and cannot be read or kept with the keys given here.

FieldError
├── FieldKeyUnknown(key_id)  its key is not among those given to this program
├── FieldAltered(key_id)     it was not sealed for where it stands, or was altered since
└── FieldInTheClear          the database takes sealed fields only, and this program seals none
"""

from domain.errors import RecordsMisconfigured


class FieldError(RecordsMisconfigured):
    """Nothing is wrong with the registration: an operator mends the keys, and it goes on."""


class FieldKeyUnknown(FieldError):
    """A field is sealed with a key that this program is not given.

    Attributes:
        key_id: the name of that key in `FIELD_KEYS`.
    """

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the field key named {key_id} is not among FIELD_KEYS here")
        self.key_id = key_id


class FieldAltered(FieldError):
    """A sealed field does not open with our key of the name that it says.

    It was moved there from another row, column or owner; or altered; or that key is another one.

    Attributes:
        key_id: the name of the key in `FIELD_KEYS`.
    """

    def __init__(self, key_id: str, place: str) -> None:
        super().__init__(
            f"{place} was not sealed for that place with the key named {key_id} that FIELD_KEYS "
            "gives here, or it was altered since"
        )
        self.key_id = key_id


class FieldInTheClear(FieldError):
    """The database takes sealed fields only, and this program seals none."""

    def __init__(self) -> None:
        super().__init__("the database takes sealed fields only, and FIELD_KEYS here seals none")
