"""Which release this is, as its workers tell Temporal."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from settings import Settings

ROOT = Path(__file__).resolve().parent

ROOMS = ("activities", "domain", "front_door", "gateways", "logs", "telemetry", "workflows")
"""What a worker runs, beside the files at the top; a change of any other leaves the build as it is.
The lock file stands for the packages."""

DIGITS = 16
"""Of the sources' hash: enough that two releases never share them."""


class ReleaseSettings(Settings):
    """Which release a worker is of: the code's own build, in no deployment, unless it is said."""

    worker_deployment: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
            description="name of the worker deployment in Temporal; unset for unversioned workers",
        ),
    ] = None
    worker_build_id: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            description="build id of the worker's code; unset for a hash of its sources",
        ),
    ] = None


@cache
def build_of_sources() -> str:
    """The build id of this code: a hash of the sources that a worker runs, by path and content.

    It needs neither git nor a build step, so a checkout and an image of one commit agree, and a
    change that nobody committed shows. (What the SDK would reckon reads the code of every loaded
    module, packages included: a second of processor at each start.)
    """
    files = [*ROOT.glob("*.py"), ROOT / "requirements.lock"]
    for room in ROOMS:
        files += (ROOT / room).rglob("*")
    digest = sha256()
    for name, file in sorted((str(file.relative_to(ROOT)), file) for file in files):
        if file.is_file() and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:DIGITS]


@dataclass(frozen=True)
class Release:
    """The code of a worker, and whether Temporal is to tell it from that of others."""

    build: str
    deployment: str | None = None
    """The deployment whose version this is; None where any worker may take any task."""

    @classmethod
    def here(cls) -> Self:
        """Of this program.

        Raises:
            SettingsError: WORKER_DEPLOYMENT or WORKER_BUILD_ID is malformed.
        """
        given = ReleaseSettings.load()
        return cls(given.worker_build_id or build_of_sources(), given.worker_deployment)

    def worker_options(self) -> dict[str, Any]:
        """What makes a worker one of this release.

        A run moves to the version that is current with its next task, also one that began under
        another: registrations sleep for months, and no release is kept alive for so long.
        """
        if self.deployment is None:
            return {"build_id": self.build}
        version = WorkerDeploymentVersion(self.deployment, self.build)
        return {
            "deployment_config": WorkerDeploymentConfig(
                version=version,
                use_worker_versioning=True,
                default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
            )
        }
