"""A release tried as its users get it: wheel and sdist built, installed in empty environments, and put to use from elsewhere.

    python bench/release.py                     all of it; about ten minutes, with what an index serves
    python bench/release.py --only base app     some environments: base, or an extra's name
    python bench/release.py --python python3.13 the environments by another interpreter
    python bench/release.py --json FILE         what was seen, as JSON too

Each extra is added to the base installation by the very command that the base installation's messages name.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from holdfast.core import release  # noqa: E402
from workbook import spreadsheet  # noqa: E402

LARGEST = 1000
"""Most that the base installation may take [MB of 10^6 bytes]. JAX with what it needs takes more than half of it."""
UNWANTED = re.compile(
    r"(^|/)(\.git|\.venv|venv|worktrees|__pycache__|\.\w+_cache|\.pytest_cache|\.hypothesis|site|dist|build|out|findings|shared"
    r"|holdfast-(?!try$|test$)[^/]*|node_modules)(/|$)|\.(pyc|pyo|orig|rej|swp)$|~$"
)
"""Names that belong in no archive."""
LACKING = {
    "evidence": "losses --fast",
    "calibrate": "calibrate --quick",
    "spreadsheets": "claims check claims.xlsx",
    "app": "app --no-browser",
    "cluster": "explain skirmish --cluster cluster.toml",
}
"""A command of each extra that the base installation must refuse with the cure."""
CLAIM: dict[str, str | int] = {
    "claim_id": "A1", "side": "russia", "quantity": "killed", "value_low": 9000, "as_of_date": "2023-11-15",
    "claimant": "The Times", "claimant_type": "media", "basis": "cumulative", "period_start": "2022-02-24",
}  # fmt: skip
TYPED = """import holdfast as hf
reveal_type(hf.simulate("skirmish", runs=2))
reveal_type(hf.__version__)
hf.simulate("skirmish", runs="two")
"""


@dataclasses.dataclass
class Seen:
    """What was tried, whether it held, and what it took."""

    where: str
    what: str
    holds: bool
    seconds: float
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Environment:
    """An empty environment, and a folder from which it is used."""

    name: str
    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "venv" / "bin"

    @property
    def packages(self) -> Path:
        (place,) = (self.folder / "venv" / "lib").glob("python*/site-packages")
        return place

    def variables(self) -> dict[str, str]:
        """Nothing of this checkout: its own programs first, its own cache."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HOLDFAST", "XLA", "JAX"))}
        return rest | {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}", "HOLDFAST_CACHE": str(self.folder / "cache"),
            "PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "VIRTUAL_ENV": str(self.folder / "venv"), "COLUMNS": "200",
        }  # fmt: skip

    def run(self, command: str, limit: float = 1200) -> subprocess.CompletedProcess[str]:
        """A line for the shell, in the folder of use."""
        use = self.folder / "use"
        use.mkdir(exist_ok=True)
        return subprocess.run(command, shell=True, cwd=use, env=self.variables(), capture_output=True, text=True, timeout=limit)

    def tried(self, what: str, command: str, *words: str, code: int = 0) -> Seen:
        """Whether a command ends with this code, says these words, and shows no traceback."""
        begin = time.monotonic()
        try:
            done = self.run(command)
        except subprocess.TimeoutExpired:
            return Seen(self.name, what, False, time.monotonic() - begin, "not done within 20 minutes")
        said = done.stdout + done.stderr
        missing = [word for word in words if word not in said]
        holds = done.returncode == code and not missing and "Traceback" not in said
        note = "" if holds else f"exit code {done.returncode}; without {missing}; {said[-600:]}"
        return Seen(self.name, what, holds, time.monotonic() - begin, note)


def created(name: str, folder: Path, python: str, wheel: Path) -> Environment:
    """An environment with the base installation of the wheel alone: by pip for the base, else by uv, which is quicker."""
    environment = Environment(name, folder / name)
    environment.folder.mkdir(parents=True)
    subprocess.run([python, "-m", "venv", str(environment.folder / "venv")], check=True)
    tool = "pip install" if name == "base" else f"{folder / 'tools' / 'bin' / 'uv'} pip install -c {ROOT / 'constraints.txt'}"
    _do(environment, f"{tool} -q {shlex.quote(str(wheel))}")
    return environment


def _do(environment: Environment, command: str) -> None:
    done = environment.run(command)
    if done.returncode:
        raise SystemExit(f"{environment.name}: {command}\n{done.stderr}")


# --- The archives.


def built(folder: Path) -> tuple[Path, Path, Path]:
    """The sdist, the wheel that is built from it, and the wheel that is built from the tree."""
    tools = folder / "tools"
    subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
    subprocess.run([tools / "bin" / "pip", "install", "-q", "build", "mypy", "cffconvert", "uv"], check=True)
    for place, options in ((folder / "dist", []), (folder / "tree", ["--wheel"])):
        command = [tools / "bin" / "python", "-m", "build", *options, "--outdir", place, ROOT]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    (sdist,), (wheel,), (direct,) = (
        (folder / place).glob(pattern) for place, pattern in (("dist", "*.tar.gz"), ("dist", "*.whl"), ("tree", "*.whl"))
    )
    return sdist, wheel, direct


def contents(archive: Path) -> dict[str, bytes]:
    """The files of a wheel or an sdist by their names, an sdist's without its folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as opened:
        members = [member for member in opened.getmembers() if member.isfile()]
        return {each.name.partition("/")[2]: opened.extractfile(each).read() for each in members}  # type: ignore[union-attr]


def archives(folder: Path, sdist: Path, wheel: Path, direct: Path) -> Iterator[Seen]:
    """What is in the archives, and what is not."""
    digest = {path: hashlib.sha256(repr(sorted(contents(path).items())).encode()).digest() for path in (wheel, direct)}
    yield Seen("archives", "the sdist builds the wheel that the tree builds", digest[wheel] == digest[direct], 0)
    places = [str(ROOT).encode(), str(Path.home()).encode() + b"/", str(folder).encode()]
    for path in (sdist, wheel):
        files = contents(path)
        unwanted = [name for name in files if UNWANTED.search(name)]
        note = f"{len(files)} files, {path.stat().st_size / 1e6:.1f} MB; {', '.join(unwanted)}".rstrip("; ")
        yield Seen("archives", f"{path.name} holds nothing unwanted", not unwanted, 0, note)
        paths = [name for name, content in files.items() if any(place in content for place in places)]
        yield Seen("archives", f"{path.name} names no path of this machine", not paths, 0, ", ".join(paths))
    needed = {"LICENSE", "CITATION.cff", "README.md", "constraints.txt", "tests/test_cli.py", "docs/index.md", "holdfast-try"}
    lacks = needed - contents(sdist).keys()
    yield Seen("archives", "the sdist has tests, docs, licence and constraints", not lacks, 0, ", ".join(sorted(lacks)))
    cff = [folder / "tools" / "bin" / "cffconvert", "--validate", "-i", ROOT / "CITATION.cff"]
    valid = subprocess.run(cff, capture_output=True, text=True)
    yield Seen("archives", "CITATION.cff is valid by cffconvert", valid.returncode == 0, 0, valid.stdout.strip())


# --- What each environment is for.


def size(environment: Environment) -> tuple[dict[str, float], float]:
    """Megabytes of each package's files, without pip and setuptools; and how many of them are compiled modules."""
    sizes: dict[str, float] = {}
    compiled = 0.0
    for path in environment.packages.rglob("*"):
        top = path.relative_to(environment.packages).parts[0]
        if path.is_file() and not re.match(r"pip|setuptools|_distutils|pkg_resources", top):
            each = path.stat().st_size / 1e6
            sizes[top.removesuffix(".libs")] = sizes.get(top.removesuffix(".libs"), 0) + each
            compiled += each if path.suffix == ".pyc" else 0
    return sizes, compiled


def base(environment: Environment, folder: Path) -> Iterator[Seen]:
    """The base installation: what it can, what it says of the rest, its types, its size."""
    sizes, compiled = size(environment)
    total, five = sum(sizes.values()), sorted(sizes, key=lambda name: -sizes[name])[:6]
    jax = sum(sizes.get(name, 0) for name in ("jax", "jaxlib", "scipy", "numpy", "ml_dtypes", "opt_einsum"))
    note = f"{total:.0f} MB, {compiled:.0f} of them .pyc; JAX and what it needs {jax:.0f}; "
    note += ", ".join(f"{name} {sizes[name]:.0f}" for name in five)
    yield Seen("base", f"site-packages under {LARGEST} MB", total < LARGEST, 0, note)
    yield environment.tried("holdfast --help", "holdfast --help", "holdfast run finland-1940", "cite")
    yield environment.tried("its version", "holdfast --version", release.VERSION)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf8")
    yield environment.tried("holdfast cite", "holdfast cite --format cff", citation)
    yield environment.tried("holdfast run skirmish --runs 2", "holdfast run skirmish --runs 2", "holdfast-skirmish/report.html")
    read = "python -c 'import holdfast as hf; print(len(hf.open(\"holdfast-skirmish\").data.run), hf.__version__)'"
    yield environment.tried("its result opened in Python", read, f"2 {release.VERSION}")
    for extra, command in LACKING.items():
        _inputs(environment)
        cure, code = release.install(extra), 2 if extra in ("spreadsheets", "cluster") else 1
        yield environment.tried(f"what needs [{extra}] says so", f"holdfast {command}", cure, code=code)
    yield _typed(environment, folder)


def _typed(environment: Environment, folder: Path) -> Seen:
    """Whether mypy, in another environment, reads the types of the installed wheel."""
    (environment.folder / "use" / "typed.py").write_text(TYPED)
    mypy = folder / "tools" / "bin" / "mypy"
    alone = "[mypy]\nfollow_imports = skip\n[mypy-holdfast,holdfast.*]\nfollow_imports = silent\n"  # not all of JAX: minutes
    (environment.folder / "use" / "mypy.ini").write_text(alone)
    command = f"{mypy} --python-executable {environment.programs / 'python'} typed.py"
    begin, said = time.monotonic(), environment.run(command).stdout.replace("builtins.", "")
    words = ('type is "holdfast.ensemble.result.SimulationResult"', 'type is "str"', 'incompatible type "str"; expected "int"')
    lacks = [word for word in words if word not in said]
    note = f"{lacks} not in {said[-400:]}" if lacks else ""
    return Seen("base", "mypy sees the types of the installed wheel", not lacks, time.monotonic() - begin, note)


def evidence(environment: Environment, _: Path) -> Iterator[Seen]:
    """Losses, and a claim in words."""
    yield environment.tried("holdfast losses --fast", "holdfast losses --fast --out losses", "losses")
    judge = "holdfast claims judge 'Ukraine says it has killed 412,300 Russian soldiers as of 1 March 2024'"
    yield environment.tried("a claim in words is judged", judge)
    read = "python -c 'import holdfast as hf; print(type(hf.open(\"losses\")).__name__)'"
    yield environment.tried("its result opened in Python", read, "Losses")


def calibrate(environment: Environment, _: Path) -> Iterator[Seen]:
    """A sweep, which samples by SALib, and the imports of a calibration."""
    sweep = "holdfast sweep skirmish --vary south.supply=0.2:1 --runs 96 --days 20 --men-per-billet 50 --out swept"
    yield environment.tried("holdfast sweep", sweep, "swept")
    imports = "python -c 'import SALib, optax, numpyro; import holdfast.calibration.run'"
    yield environment.tried("what a calibration imports", imports)


def spreadsheets(environment: Environment, _: Path) -> Iterator[Seen]:
    """A table of claims in a spreadsheet, read."""
    _inputs(environment)
    yield environment.tried("a spreadsheet of claims is read", "holdfast claims check claims.xlsx", "1 claim")


def cluster(environment: Environment, _: Path) -> Iterator[Seen]:
    """An explanation on two workers that are started for it."""
    _inputs(environment)
    command = "holdfast explain skirmish --side south --days 20 --draws 64 --men-per-billet 100 --cluster cluster.toml --out why"
    yield environment.tried("holdfast explain --cluster, two workers started", command, "why")


def app(environment: Environment, _: Path) -> Iterator[Seen]:
    """The live page answers, and ends at Ctrl-C."""
    begin = time.monotonic()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(environment.programs / "holdfast"), "app", "skirmish", "--no-browser", "--port", str(port)]
    use = environment.folder / "use"
    with (use / "said").open("w") as said:
        server = subprocess.Popen(command, cwd=use, env=environment.variables(), stdout=said, stderr=subprocess.STDOUT)
        page = ""
        while time.monotonic() < begin + 120 and server.poll() is None and not page:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).read().decode()
            except OSError:
                time.sleep(0.5)
        server.send_signal(signal.SIGINT)
        try:
            code = server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            code = server.wait()
    text = (use / "said").read_text()
    holds = "Holdfast" in page and "Traceback" not in text
    yield Seen("app", "the live page answers, Ctrl-C ends it", holds, time.monotonic() - begin, f"exit code {code}")


def _inputs(environment: Environment) -> None:
    """A spreadsheet with one claim, and how to start a small cluster."""
    use = environment.folder / "use"
    (use / "cluster.toml").write_text('kind = "local"\nworkers = 2\n')
    spreadsheet(use / "claims.xlsx", {1: tuple(CLAIM), 2: tuple(CLAIM.values())})


PURPOSES: dict[str, Callable[[Environment, Path], Iterator[Seen]]] = {
    "base": base, "evidence": evidence, "calibrate": calibrate, "spreadsheets": spreadsheets, "app": app, "cluster": cluster,
}  # fmt: skip


def everything(folder: Path, python: str, only: list[str]) -> Iterator[Seen]:
    """All that is tried, as it is tried."""
    sdist, wheel, direct = built(folder)
    yield from archives(folder, sdist, wheel, direct)
    for name in only:
        environment = created(name, folder, python, wheel)
        if name != "base":
            yield environment.tried(f"the cure: {release.install(name)}", release.install(name))
        yield from PURPOSES[name](environment, folder)
        subprocess.run(["rm", "-rf", str(environment.folder)], check=True)


def line(one: Seen) -> str:
    """A line of the table."""
    return f"| {one.where} | {one.what} | {'holds' if one.holds else 'BROKEN'} | {one.seconds:.0f} | {one.note} |"


def main() -> int:
    """Try all, print a table as it grows, and give 1 where something is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PURPOSES), default=list(PURPOSES), metavar="NAME")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the environments")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    print("| environment | what is tried | | s | seen |\n| --- | --- | --- | ---: | --- |", flush=True)
    seen = []
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        for one in everything(Path(folder), options.python, options.only):
            seen.append(one)
            print(line(one), flush=True)
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(one) for one in seen], indent=1) + "\n")
    broken = sum(not one.holds for one in seen)
    print(f"\n{len(seen) - broken} hold, {broken} broken")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
