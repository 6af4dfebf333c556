"""Asks PlatformIO's own library what is installed, or whether its registry can be reached; prints the answer as JSON.

Run as a program by bench.platformio_packages, in a process that can be ended when it takes too long. Never imported.
"""

import json
import os
import sys
from typing import Any


def installed(environment: str) -> dict[str, Any]:
    """What a board of the project in the current folder needs and lacks, and the versions of what is there.

    missing: names with versions of packages that a build would fetch. build_engine: the specification of PlatformIO's
    build engine, if that is one of them. packages: name -> version of what a build would use.
    """
    from platformio.dependencies import get_core_dependencies
    from platformio.package.manager.core import get_core_package_dir
    from platformio.package.manager.platform import PlatformPackageManager
    from platformio.platform.factory import PlatformFactory
    from platformio.project.config import ProjectConfig

    config = ProjectConfig.get_instance(os.path.join(os.getcwd(), "platformio.ini"))  # noqa: PTH109, PTH118
    wanted = config.get(f"env:{environment}", "platform")
    answer: dict[str, Any] = {"missing": [], "build_engine": "", "packages": {}}
    engine = "tool-scons"
    if get_core_package_dir(engine, auto_install=False) is None:
        answer["build_engine"] = f"platformio/{engine}@{get_core_dependencies()[engine]}"
    package = PlatformPackageManager().get_package(wanted)
    if package is None:
        answer["missing"].append(wanted)
        return answer
    platform = PlatformFactory.new(package)
    platform.configure_project_packages(environment)
    answer["packages"][platform.name] = str(platform.version)
    for name, options in sorted(platform.packages.items()):
        if options.get("optional"):
            continue
        if platform.get_package(name) is None:
            answer["missing"].append(f"{name}@{options.get('version', '*')}")
        else:
            answer["packages"][name] = platform.get_package_version(name)
    return answer


def reachable() -> bool:
    """Whether one of PlatformIO's registries answers, whatever it answers, as its own sessions reach it.

    PlatformIO's own ensure_internet_on() is no help: in 6.1.16 to 6.2.0 it says yes without a network, too.
    """
    import requests
    from platformio import __registry_mirror_hosts__
    from platformio.http import HTTPSession

    for host in __registry_mirror_hosts__:
        try:
            HTTPSession().get(f"https://{host}", timeout=(3, 5), stream=True)  # without tries again
        except requests.exceptions.RequestException:
            continue
        return True
    return False


if __name__ == "__main__":
    real_stdout, sys.stdout = sys.stdout, sys.stderr  # a platform's script may print
    reply = {"reachable": reachable()} if sys.argv[1:] == ["--reachable"] else installed(sys.argv[1])
    print(json.dumps(reply), file=real_stdout)
