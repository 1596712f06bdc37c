"""Compare the locked versions with known advisories; say so where there is no answer."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-mlflow.lock")
SERVICES = ((), ("--vulnerability-service", "osv"))  # the first is pip-audit's own choice


def audit(service: tuple[str, ...]) -> list[dict] | None:
    """Ask one service about every locked package.

    Returns:
        What it says of each; None if it cannot be reached or knows none of them.
    """
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    command += [f"--requirement={ROOT / name}" for name in LOCKS]
    command += ["--format", "json", "--progress-spinner", "off"]
    command += ["--timeout", "10", *service]
    answer = subprocess.run(command, capture_output=True, text=True)
    try:
        found: list[dict] = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return found if any("skip_reason" not in package for package in found) else None


def report(packages: list[dict] | None) -> int:
    """Print what was found; return 1 if a locked version has an advisory.

    Args:
        packages: The answer of audit.
    """
    if packages is None:
        print("Nothing was checked: no service with advisories answers from this network.")
        return 0
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    wrong = [package for package in packages if package.get("vulns")]
    for package in wrong:
        for advisory in package["vulns"]:
            fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
            name = f"{package['name']} {package['version']}"
            print(f"{name}: {advisory['id']}, mended in {fixed}.")
    if skipped:
        print(f"Not checked, unknown to the service: {', '.join(skipped)}.")
    checked = len(packages) - len(skipped)
    print(f"{checked} locked versions checked, {len(wrong)} with known advisories.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(report(next(filter(None, map(audit, SERVICES)), None)))
