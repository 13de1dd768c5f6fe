"""Plants bugs into a copy of the program, and tells which tests catch them.

    python3 tests/planted/plant.py [--together N] [NAME ...]

`bugs.txt` lists them: a line of a file that stands there once, what takes its place, and the tests
that should fail then. A copy is made in `target/planted`; several bugs, each in a file of its own,
are built together. Prints a line of Markdown for each: caught, and by which tests (all of those
meant that failed); MISSED; not ended; or why it could not be planted. Only SQLite is tried, for time,
but for what is `on: postgres` (there writers wait for each other only where they are told to), and
for tests that know no database.
"""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COPY = ROOT / "target" / "planted"
BUILT = ROOT / "target" / "planted-built"
# Seconds for the tests of bugs that are planted together.
LIMIT = 900


def read_bugs():
    bugs = []
    for block in re.split(r"^## ", (HERE / "bugs.txt").read_text(), flags=re.M)[1:]:
        name, *lines = block.strip().split("\n")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        bugs.append({"name": name.strip(), **fields})
    return bugs


def run(*words, **more):
    # A folder of its own: cargo does not tell the files of a copy from those of what it is a copy of.
    there = {**os.environ, "CARGO_TARGET_DIR": str(BUILT), "INSTA_UPDATE": "no"}
    return subprocess.run(words, cwd=COPY, env=there, capture_output=True, text=True, **more)


def tell(bug, result, more=""):
    print(f"| {bug['name']} | {result} | {more} |", flush=True)


def plant(bug):
    path = COPY / bug["file"]
    text = path.read_text() if path.is_file() else ""
    if text.count(bug["old"]) != 1:
        return f"its line stands there {text.count(bug['old'])} times"
    path.write_text(text.replace(bug["old"], bug["new"]))
    return None


def build():
    done = run("cargo", "test", "--locked", "--test", "it", "--no-run")
    found = re.search(r"Executable .*\((.*)\)", done.stderr)
    return (found and done.returncode == 0 and found[1]), done.stderr


def tries(binary, names):
    """What the tests said, and whether they were stopped: a bug may let one wait for ever."""
    try:
        return run(binary, "--exact", *names, timeout=LIMIT).stdout, False
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace"), True


def attempt(bugs):
    run("git", "checkout", "-q", "--", ".")
    live = []
    for bug in bugs:
        fault = plant(bug)
        tell(bug, "not planted", fault) if fault else live.append(bug)
    binary = None
    while live and not binary:
        binary, said = build()
        broken = set(re.findall(r"--> (src/\S+?):\d+", said))
        gone = [] if binary else [bug for bug in live if bug["file"] in broken] or live
        for bug in gone:
            tell(bug, "not planted", "it does not compile")
            run("git", "checkout", "-q", "--", bug["file"])
        live = [bug for bug in live if bug not in gone]
    if not live:
        return
    wanted = {bug["name"]: bug["test"].split() for bug in live}
    listed = re.findall(r"^(\S+): test$", run(COPY / binary, "--list").stdout, flags=re.M)
    on = {bug["name"]: bug.get("on", "sqlite") for bug in live}
    other = {"sqlite": "::postgres", "postgres": "::sqlite"}
    meant = lambda n, bug: not n.endswith(other[on[bug]]) and any(w in n for w in wanted[bug])
    names = [n for n in listed if any(meant(n, bug) for bug in wanted)]
    said, late = tries(COPY / binary, names)
    failed = set(re.findall(r"^test (\S+) \.\.\. FAILED", said, flags=re.M))
    ended = set(re.findall(r"^test (\S+) \.\.\. ", said, flags=re.M))
    for bug in live:
        mine = [n for n in names if meant(n, bug["name"])]
        by = ", ".join(f"`{n}`" for n in mine if n in failed)
        hung = ", ".join(f"`{n}`" for n in mine if late and n not in ended)
        more = f"{by} (not ended: {hung})" if hung else by
        tell(bug, "caught" if by else "not ended" if hung else "MISSED", more)


def main():
    words = sys.argv[1:]
    together = int(words.pop(words.index("--together") + 1)) if "--together" in words else 12
    only = {word for word in words if not word.startswith("--")}
    bugs = [bug for bug in read_bugs() if not only or bug["name"] in only]
    if not COPY.is_dir():
        subprocess.run(["git", "worktree", "add", "-q", "--detach", COPY], cwd=ROOT, check=True)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    run("git", "checkout", "-q", "--force", "--detach", head, check=True)
    while bugs:
        batch, files = [], set()
        for bug in bugs:
            if len(batch) < together and bug["file"] not in files:
                batch.append(bug)
                files.add(bug["file"])
        bugs = [bug for bug in bugs if bug not in batch]
        attempt(batch)


main()
