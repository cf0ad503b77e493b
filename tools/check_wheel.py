"""Build the wheel, install it alone into a clean environment, and run it from another folder."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it prints; stop with its output where it fails."""
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Check that the wheel carries layouts, reference and policies, and audits a file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run(
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT),
            cwd=folder,
        )
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "-r", ROOT / "constraints.txt", cwd=folder)
        run(*pip, "--no-deps", wheel, cwd=folder)
        program = folder / "env" / "bin" / "claim-audit"
        where = run(python, "-c", "import claim_audit; print(claim_audit.__file__)", cwd=folder)
        if str(folder) not in where:
            sys.exit(f"the installed package is not the wheel's: {where}")
        for command in (("--version",), ("layouts",), ("reference", "list"), ("code", "A4231")):
            run(program, *command, cwd=folder)
        claims = folder / "claims"
        run(program, "sample", "--lines", "500", "--seed", "1", "--out", claims, cwd=folder)
        printed = run(
            *(program, "run", claims, "--fail-on", "never", "--json", "--out", folder / "out"),
            cwd=folder,
        )
        read = json.loads(printed)["records"]["claim_records"]
        if read != 500:
            sys.exit(f"500 lines were made, {read} were read")
        print(f"{wheel.name}: installed alone, audited {read} lines")


if __name__ == "__main__":
    main()
