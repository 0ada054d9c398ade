# SPDX-License-Identifier: Apache-2.0
"""The gate of a pull request: the steps of action.yml as they stand there, in repositories made on the spot, with a
service of our own for comments."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading

import hosted_tests
import machine as m
from harness import Skipped, expect, expect_equal, limit, test

TOOLS = os.path.join(m.ROOT, "tools", "gate")
# A benchmark whose every launch takes what the file `time` of its tree says.
SYNTHETIC = r"""#!/bin/sh
time=$(cat time) && [ "$time" != broken ] || { echo "no \`time\`, @all" >&2; exit 7; }
printf '{"results":[{"command":"work","times":[%s,%s,%s]}]}' "$time" "$time" "$time" >"$1"
"""


def read_yaml(name):
    try:
        import yaml
    except ImportError as error:
        raise Skipped("no python3-yaml") from error
    with open(os.path.join(m.ROOT, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def git(folder, *words):
    result = subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
                            check=False, capture_output=True, text=True, timeout=limit(60))
    expect_equal(result.returncode, 0, f"git {words}: {result.stderr}")
    return result.stdout.strip()


def commit(folder, **files):
    """Of a tree with these files changed; its name."""
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(os.path.join(folder, name), 0o755)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return git(folder, "rev-parse", "HEAD")


@contextlib.contextmanager
def repository(**files):
    """(its folder, the commit of the base)"""
    with tempfile.TemporaryDirectory() as folder:
        git(folder, "init", "-q")
        yield folder, commit(folder, **files)


# ---- GitHub's part ---------------------------------------------------------------------------------------------------


def resolved(text, values):
    """An expression is a name of a value, and no more."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)


def run_steps(folder, inputs, environment=None):
    """[(step's name, exit status, what it said)], the job's summary, and what it put out. A step runs where those
    before it went well, or where it says that it does in any case."""
    action = read_yaml("action.yml")
    temporary = os.path.join(folder, ".git", "runner")
    os.makedirs(temporary, exist_ok=True)
    values = {"runner.temp": temporary, "github.event.pull_request.number": "7", "github.token": "secret",
              "github.event.pull_request.base.sha": ""}
    unknown = set(inputs) - set(action["inputs"])
    expect(not unknown, f"no inputs: {unknown}")
    for name, entry in action["inputs"].items():
        values[f"inputs.{name}"] = inputs.get(name, resolved(entry["default"], values))
    said, failed = [], False
    summary, output = (os.path.join(temporary, name) for name in ("summary", "output"))
    for path in (summary, output):
        with open(path, "w", encoding="utf-8"):
            pass
    for step in action["runs"]["steps"]:
        if failed and "if" not in step:
            continue
        env = {"PATH": os.environ["PATH"], "GITHUB_ACTION_PATH": m.ROOT, "GITHUB_STEP_SUMMARY": summary,
               "GITHUB_OUTPUT": output, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "HOME": temporary,
               "GITHUB_API_URL": "http://127.0.0.1:9", **(environment or {}),
               **{name: resolved(value, values) for name, value in step["env"].items()}}
        result = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=folder,
                                env=env, check=False, capture_output=True, text=True, timeout=limit(300))
        said.append((step["name"], result.returncode, result.stdout + result.stderr))
        failed = failed or result.returncode != 0
    with open(summary, encoding="utf-8") as file, open(output, encoding="utf-8") as put:
        return said, file.read(), dict(line.split("=", 1) for line in put.read().splitlines())


class Service(http.server.ThreadingHTTPServer):
    """As much of GitHub as has comments. `refuses`: the status that whoever writes is answered with."""
    daemon_threads = True

    def __init__(self, comments=(), refuses=0):
        super().__init__(("127.0.0.1", 0), Answer)
        self.comments, self.refuses, self.asked = list(comments), refuses, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, content):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def content(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self):
        self.server.asked.append(("GET", self.path, self.headers["Authorization"]))
        page = int(re.search(r"[?&]page=(\d+)", self.path)[1])
        self.answer(200, self.server.comments[100 * (page - 1):100 * page])

    def write(self, method):
        body = self.content()["body"]
        self.server.asked.append((method, self.path, body))
        self.answer(self.server.refuses or 200, {"id": 1, "body": body})

    def do_POST(self):
        self.write("POST")

    def do_PATCH(self):
        self.write("PATCH")


def comment(number, body, kind="User", association="NONE"):
    return {"id": number, "body": body, "user": {"type": kind}, "author_association": association}


MARKER = "<!-- anechoic-gate default -->\n"


def synthetic(folder, base, time, environment=None, **inputs):
    """What the steps make of a head that takes `time`."""
    commit(folder, time=time)
    inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
    return run_steps(folder, {"base": base, "judge": os.path.abspath(hosted_tests.PROGRAM), "pairs": "8",
                              "command": "./bench {out}", **inputs}, environment)


# ---- tests -----------------------------------------------------------------------------------------------------------


@test("pull-request/an input reaches a shell through its environment only, and what is used is pinned")
def _():
    action, workflow = read_yaml("action.yml"), read_yaml("tools/gate/workflow.yml")
    for step in action["runs"]["steps"]:
        script = re.fullmatch(r'"\$GITHUB_ACTION_PATH"/(tools/gate/[a-z]+\.sh)', step["run"])
        expect(script and os.access(os.path.join(m.ROOT, script[1]), os.X_OK), f"no script of ours: {step['run']}")
        expect_equal(step["shell"], "bash", step["name"])
        expect("uses" not in step, step["name"])
    tokens = [step["name"] for step in action["runs"]["steps"] if "inputs.token" in json.dumps(step)]
    expect_equal(tokens, ["Report"], "steps that have the token, among them none that runs what is compared")
    used = {name for step in action["runs"]["steps"] for name in re.findall(r"inputs\.([a-z-]+)", json.dumps(step))}
    expect_equal(used, set(action["inputs"]), "inputs")
    # YAML 1.1 reads the key `on` as a truth.
    expect_equal((workflow[True], workflow["permissions"]), ("pull_request", {"contents": "read"}), "workflow")
    (job,) = workflow["jobs"].values()
    expect_equal(job["permissions"], {"contents": "read", "pull-requests": "write"}, "permissions of the job")
    for step in job["steps"]:
        expect(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]) or step["uses"] == "OWNER/anechoic@COMMIT",
               f"not pinned: {step['uses']}")
        expect("${{" not in json.dumps(step), step)
    expect(set(job["steps"][1]["with"]) <= set(action["inputs"]), "inputs of the example")
    read_yaml("tools/gate/gitlab-ci.yml")


CASES = (  # head's time, fail-on, exit status of the last step, the summary's first line, its counts
    ("0.5", "regression", 0, "no regression", "0 improved, 0 regressed, 1 no change, 0 inconclusive"),
    ("0.55", "regression", 1, "a regression", "0 improved, 1 regressed, 0 no change, 0 inconclusive"),
    ("0.55", "nothing", 0, "a regression", "0 improved, 1 regressed, 0 no change, 0 inconclusive"),
    ("0.45", "inconclusive", 0, "no regression", "1 improved, 0 regressed, 0 no change, 0 inconclusive"),
)


@test("pull-request/the steps say and end as the verdicts are")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        for time, fail_on, status, word, counts in CASES:
            said, summary, put = synthetic(folder, base, time, fail_on=fail_on, time_budget="60")
            expect_equal(said[-1][1], status, f"{time}, {fail_on}: {said}")
            expect(summary.startswith(f"### Anechoic: {word}\n\n**{counts}**\n"), summary)
            expect(f"A is `{base}`, B `{git(folder, 'rev-parse', 'HEAD')}`." in summary, summary)
            expect("B: `cd head && ./bench {out}`" in summary, summary)
            expect(os.path.isfile(os.path.join(put["launches"], "b", "001.json")), f"launches: {put}")
            errors = [line for line in said[1][2].splitlines() if line.startswith("::error")]
            expect_equal(len(errors), "1 regressed" in counts, f"{time}: annotations")


@test("pull-request/what is not judged is inconclusive with its reason, and fails where that is asked for")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        for fail_on, status in (("regression", 0), ("inconclusive", m.EXIT_INCONCLUSIVE), ("nothing", 0)):
            said, summary, put = synthetic(folder, base, "0.55", fail_on=fail_on, room="quiet")
            expect_equal((said[-1][1], put["status"]), (status, "3"), f"{fail_on}: {said}")
            expect("| inconclusive: the file says nothing of its room | `work` |" in summary, summary)
        said, _, _ = synthetic(folder, base, "0.5", fail_on="never", build="false")
        expect_equal(said[0], ("Build base and head", m.EXIT_USAGE, "gate: fail-on is 'never', and must be regression, "
                               "inconclusive or nothing\n"), "said before anything is built")


@test("pull-request/thresholds are the base's, whatever the head makes of them")
def _():
    with repository(bench=SYNTHETIC, time="0.5", thresholds="w* = 0.01\n") as (folder, base):
        commit(folder, thresholds="w* = 0.5\n")
        said, _, _ = synthetic(folder, base, "0.55", thresholds="thresholds")
        expect_equal(said[-1][1], 1, said)
        loose = git(folder, "rev-parse", "HEAD~1")
        said, _, _ = synthetic(folder, loose, "0.55", thresholds="thresholds")
        expect_equal(said[-1][1], 0, said)


@test("pull-request/what cannot be built or launched is said, and fails")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        said, summary, _ = synthetic(folder, base, "broken")
        expect_equal(said[-1][1], m.EXIT_BROKEN, said)
        expect(summary.startswith("### Anechoic: a launch or a benchmark failed\n"), summary)
        expect("    launch 1 of B ended with status 7: " in summary and "    no `time`, @all\n" in summary, summary)
        said, summary, _ = synthetic(folder, base, "0.5", build="test -e time && echo no luck && false")
        expect_equal([step[:2] for step in said], [("Build base and head", 2), ("Report", 0)], "steps")
        expect("no luck" in said[0][2] and "base cannot be built" in said[0][2], said[0])
        expect(summary.startswith("### Anechoic: not built"), summary)
        said, _, _ = synthetic(folder, "no-such-commit", "0.5")
        expect(said[0][1] == 2 and "no commit 'no-such-commit' here" in said[0][2], said[0])


@test("pull-request/inputs with quotes and dollars are words, not commands")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        evil = "x'; touch \"$PWD/evil\"; echo `touch evil` $(touch evil)"
        for name in ("room", "thresholds", "time_budget", "pairs", "key", "judge", "fail_on"):
            said, _, _ = synthetic(folder, base, "0.5", **{name: evil})
            expect(name == "key" or any(status for _, status, _ in said), f"{name}: {said}")
        synthetic(folder, base, "0.5", command="", filter=evil)
        for name in ("--upload-pack=touch evil", "HEAD:refs/heads/evil", "+HEAD:refs/heads/evil"):
            said, _, _ = synthetic(folder, name, "0.5")
            expect(said[0][1] == 2 and f"no commit '{name}' here" in said[0][2], said[0])
        expect("evil" not in git(folder, "branch", "--list"), "a branch that an input made")
        told = '! env | grep -E "^GITHUB_(ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)="'
        said, _, _ = synthetic(folder, base, "0.5", {"GITHUB_ENV": "/nonexistent"}, build=told,
                               command=told + " && ./bench {out}")
        expect_equal([status for _, status, _ in said], [0] * 4, f"files of the runner: {said}")
        _, summary, _ = synthetic(folder, base, "0.5", command="", filter="one two\nthree")
        expect(" 'one' 'two' 'three'\n" in summary, summary)
        found = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name == "evil"]
        expect_equal(found, [], "what came of it")


@test("pull-request/one comment is written, found again among many, and changed")
def _():
    others = [comment(number, "words") for number in range(150)]
    strange = comment(900, MARKER + "a stranger's")
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        for comments, wanted in (
                ([], ("POST", "/repos/o/r/issues/7/comments")),
                ([*others, strange, comment(901, "before " + MARKER, "Bot")], ("POST", "/repos/o/r/issues/7/comments")),
                ([*others, strange, comment(42, MARKER + "old", "Bot")], ("PATCH", "/repos/o/r/issues/comments/42")),
                ([comment(43, MARKER + "old", "User", "MEMBER")], ("PATCH", "/repos/o/r/issues/comments/43"))):
            with Service(comments) as service:
                said, summary, _ = synthetic(folder, base, "0.55", {"GITHUB_API_URL": service.url}, fail_on="nothing")
                expect_equal(service.asked[0][2], "Bearer secret", "token")
                written = [asked for asked in service.asked if asked[0] != "GET"]
                expect_equal([asked[:2] for asked in written], [wanted], f"{said}")
                expect_equal(written[0][2], MARKER + summary, "the comment")


@test("pull-request/where no comment may be written the summary has it, and the verdict stands")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        for refuses, word in ((403, "may write no comment (403)"), (404, "may write no comment (404)"),
                              (500, "::warning::gate: no comment: 500")):
            with Service(refuses=refuses) as service:
                said, summary, _ = synthetic(folder, base, "0.55", {"GITHUB_API_URL": service.url})
                expect_equal((said[2][1], said[3][1]), (0, 1), f"{refuses}: {said}")
                expect(word in said[2][2] and "1 regressed" in summary, said[2])
        for inputs, word in (({"token": ""}, "no token, or no pull request"), ({"comment": "false"}, "")):
            with Service() as service:
                said, summary, _ = synthetic(folder, base, "0.5", {"GITHUB_API_URL": service.url}, **inputs)
                expect_equal(service.asked, [], f"{inputs}: asked")
                expect(said[2][1] == 0 and word in said[2][2] and "1 no change" in summary, said[2])
        said, _, _ = synthetic(folder, base, "0.5")     # where nobody listens
        expect(said[2][1] == 0 and "::warning::gate: no comment: URLError" in said[2][2], said[2])


@test("pull-request/gate.sh does the same in a shell of one's own")
def _():
    with repository(bench=SYNTHETIC, time="0.5") as (folder, base):
        commit(folder, time="0.55")
        environment = {"PATH": os.environ["PATH"], "GATE_COMMAND": "./bench {out}", "GATE_PAIRS": "8",
                       "GATE_JUDGE": os.path.abspath(hosted_tests.PROGRAM)}
        for words, status in (((base,), 1), ((base, base), 0), (("HEAD", base), 0), ((), m.EXIT_USAGE)):
            result = subprocess.run([os.path.join(TOOLS, "gate.sh"), *words], cwd=folder, env=environment, check=False,
                                    capture_output=True, text=True, timeout=limit(120))
            expect_equal(result.returncode, status, f"{words}: {result.stdout}{result.stderr}")
            expect(not words or result.stdout.startswith("### Anechoic: "), result.stdout)
        inner = os.path.join(folder, "inner")
        os.mkdir(inner)
        for name, more, status in (("it's $HOME", {}, 1), ("never", {"GATE_FAIL_ON": "often"}, m.EXIT_USAGE)):
            result = subprocess.run([os.path.join(TOOLS, "gate.sh"), base], cwd=inner, check=False,
                                    env={**environment, "GATE_FOLDER": name, **more}, capture_output=True, text=True,
                                    timeout=limit(120))
            expect_equal(result.returncode, status, f"{name}: {result.stdout}{result.stderr}")
        expect_equal(result.stderr, "gate: fail-on is 'often', and must be regression, inconclusive or nothing\n", "")
        expect_equal(os.listdir(inner), ["it's $HOME"], "where it lies, and nothing is built in vain")
        git(folder, "worktree", "remove", "--force", os.path.join(inner, "it's $HOME", "base"))
        git(folder, "worktree", "remove", "--force", os.path.join(inner, "it's $HOME", "head"))
        trees = git(folder, "worktree", "list", "--porcelain").count("worktree ")
        expect_equal(trees, 3, "worktrees after three gates: the repository's own, base and head")
        os.mkdir(os.path.join(folder, "work"))
        commit(folder, **{"work/mine": "kept"})
        result = subprocess.run([os.path.join(TOOLS, "gate.sh"), base], cwd=folder, check=False, capture_output=True,
                                text=True, env={**environment, "GATE_FOLDER": os.path.join(folder, "work")},
                                timeout=limit(120))
        expect_equal(result.returncode, m.EXIT_USAGE, result.stderr)
        expect(result.stderr.endswith("/work is not empty, and no folder of a gate\n"), result.stderr)
        expect(os.path.exists(os.path.join(folder, "work", "mine")), "what was there")


# ---- live ------------------------------------------------------------------------------------------------------------

# Google Benchmark's JSON of a loop whose length the tree says.
LIVE = r"""#include "work.h"
#include <stdio.h>
#include <time.h>
static double work(void) {
	struct timespec begin, end;
	unsigned long value = 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (long i = 0; i < WORK; i++) {
		value = value * 6364136223846793005ul + 1;
		__asm__ volatile("" : "+r"(value));
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
}
int main(int argc, char **argv) {
	FILE *out = fopen(argv[argc - 1], "w");
	fprintf(out, "{\"context\": {}, \"benchmarks\": [");
	for (int i = 0; i < 40; i++)
		fprintf(out, "%s{\"name\": \"work\", \"iterations\": 1, \"real_time\": %.0f, \"time_unit\": \"ns\"}",
			i ? "," : "", work());
	fprintf(out, "]}\n");
	return fclose(out);
}
"""
WORK = 200000
LIVE_EACH = 10
WANTED = {"same": "no change", "slower": "regressed", "faster": "improved"}


def live_verdict(folder, base, length, note):
    """(verdict, what the summary says of it)"""
    commit(folder, **{"work.h": f"#define WORK {length} /* {note} */\n"})
    said, summary, _ = run_steps(folder, {"base": base, "judge": os.path.abspath(hosted_tests.PROGRAM),
                                          "build": "cc -O2 -o bench bench.c", "command": "./bench {out}",
                                          "comment": "false", "fail-on": "nothing", "time-budget": "120"})
    expect_equal([status for _, status, _ in said], [0, 0, 0, 0], f"{said}")
    row = re.search(r"^\| \**([a-z ]+?)\**(?:: (.*?))? \| `work` \|.*$", summary, re.MULTILINE)
    expect(row, summary)
    expect(row[1] != "inconclusive" or row[2], f"no reason: {row[0]}")
    return row[1], row[0]


@test("pull-request/30 live verdicts on what is the same, 5 % slower and 5 % faster: no wrong sign", system=True,
      alone=True, seconds=20)
def _():
    decided, lines = 0, []
    with repository(**{"bench.c": LIVE, "work.h": f"#define WORK {WORK}\n"}) as (folder, base):
        for number in range(LIVE_EACH):
            for kind, factor in (("same", 1), ("slower", 1.05), ("faster", 0.95)):
                verdict, row = live_verdict(folder, base, round(WORK * factor), f"{number} {kind}")
                lines.append(f"{kind}: {row}")
                expect(verdict in (WANTED[kind], "inconclusive"), f"{kind} is called {verdict}:\n" + "\n".join(lines))
                decided += verdict != "inconclusive"
    print("\n".join(lines) + f"\n{decided} of {3 * LIVE_EACH} decided")
    expect(decided >= 0.8 * 3 * LIVE_EACH, f"{decided} of {3 * LIVE_EACH} decided:\n" + "\n".join(lines))
