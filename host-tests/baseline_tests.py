# SPDX-License-Identifier: Apache-2.0
"""Baselines that machines of a kind share, in a folder and in a branch of a git repository."""

import concurrent.futures
import contextlib
import functools
import json
import os
import signal
import subprocess
import tempfile
import time

import hosted_tests
import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from history_tests import write_results
from pull_request_tests import commit, git

BRANCH = "bench/lines"


@contextlib.contextmanager
def home():
    """A folder, in which what `run --save-baseline` keeps has one of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ANECHOIC_HOME"] = os.path.join(folder, "home")
        try:
            yield folder
        finally:
            del os.environ["ANECHOIC_HOME"]


@functools.lru_cache(maxsize=None)
def this_machine():
    """(its description, the kind of figures) as a run here says them."""
    result = hosted_tests.anechoic("run", "--quick", "--format=json", hosted_tests.PATIENT, "--exact",
                                   "tlb/lookup/mostly_hits")
    context = json.loads(result.stdout)["context"]
    return context["platform"], context["figures"]


def changed(path, change):
    with open(path, encoding="utf-8") as file:
        root = json.load(file)
    change(root)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(root, file)
    return path


def launch(folder, number, times=(100, 200), **platform):
    """Results of this machine, but for what `platform` says."""
    def change(root):
        own, root["context"]["figures"] = this_machine()
        root["context"]["platform"] = {**own, **platform}
    return changed(write_results(folder, number, list(times)), change)


def launches(folder, name, count, times=(100, 200)):
    place = os.path.join(folder, name)
    os.mkdir(place)
    for number in range(count):
        launch(place, number, [value * (1 + number % 3 / 1000) for value in times])
    return place


def baseline(*words, status=0):
    result = hosted_tests.anechoic("baseline", *words)
    expect_equal(result.returncode, status, f"baseline {words}: {result.stdout}{result.stderr}")
    return result


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def bare(folder):
    path = os.path.join(folder, "r.git")
    git(folder, "init", "-q", "--bare", path)
    return path, f"{path}#{BRANCH}"


def waited(is_so):
    end = time.monotonic() + limit(60)
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


@test("hosted/baseline goes through a folder and a branch of git, one launch or several in one file")
def _():
    hosted_tests.need_judged_figures()
    with home() as folder:
        path = launch(folder, 1)
        local = os.path.join(folder, "home", "baselines", "main.json")
        os.makedirs(os.path.dirname(local))
        _, branch = bare(folder)
        for store in (os.path.join(folder, "deep", "store"), branch):
            with open(local, "w", encoding="utf-8") as file:
                json.dump(read(path), file)
            baseline("publish", store)      # what `run --save-baseline=main` would have kept
            os.remove(local)
            said = baseline("fetch", store).stdout
            expect_equal((said, read(local)), ("baseline 'main' is here: anechoic run --baseline=main\n", read(path)),
                         store)
            several = launches(folder, "several" + str(len(store)), 10)
            out = os.path.join(folder, "out.json")
            said = baseline("publish", store, several, "--name=v 1").stdout
            expect(said.startswith("baseline 'v 1', 10 launches, is in "), said)
            baseline("fetch", store, "--name", "v 1", "-o", out)
            check_schema("baseline", read(out))
            expect_equal([read(os.path.join(several, f"{number}.json")) for number in range(10)],
                         read(out)["launches"], "launches")
            result = hosted_tests.anechoic("compare", out, launches(folder, "slower" + str(len(store)), 10, (110, 200)))
            expect_equal(result.returncode, 1, result.stdout + result.stderr)
            expect("[unknown]" not in result.stdout and f"against 10 launches of {out}" in result.stdout, result.stdout)


@test("hosted/baseline of several launches stands against a run")
def _():
    hosted_tests.need_judged_figures()
    with home() as folder:
        store, several = os.path.join(folder, "store"), launches(folder, "several", 10)
        baseline("publish", store, several)
        baseline("fetch", store)
        slower = launch(folder, 99, (110, 200))
        os.rename(slower, os.path.join(folder, "home", "baselines", "now.json"))
        result = hosted_tests.anechoic("run", "--baseline=main", "--load-baseline=now")
        expect_equal(result.returncode, 1, result.stdout + result.stderr)
        result = hosted_tests.anechoic("run", "--baseline=now", "--load-baseline=main")
        expect(result.returncode == m.EXIT_USAGE and "baseline of several launches" in result.stderr, result.stderr)


@test("hosted/baseline of another kind of machine is refused by what differs")
def _():
    with home() as folder:
        store = os.path.join(folder, "store")
        own, _ = this_machine()
        for number, (member, word) in enumerate((("cpu", "CPUs"), ("hypervisor", "hypervisors"),
                                                 ("architecture", "architectures"), ("way", "platforms"))):
            baseline("publish", store, launch(folder, number, **{member: "other \x1b[31m"}), "--name", member)
            said = baseline("fetch", store, "--name", member, status=m.EXIT_USAGE).stderr.splitlines()
            expect_equal(said[0], f"no baseline '{member}' of this machine there; of others:", member)
            expect(said[1].endswith(f": different {word}: '{own[member]}' and 'other ?[31m'"), said)
            expect_equal(len(said), 2, said)
        said = baseline("fetch", store, "--name=none", status=m.EXIT_USAGE).stderr
        expect_equal(said, "no baseline 'none' of this machine there\n", "none")
        # One that lies where another machine's do.
        baseline("publish", store, launch(folder, 10))
        (place,) = [name for name in os.listdir(store) if os.path.exists(os.path.join(store, name, "main.json"))]
        changed(os.path.join(store, place, "main.json"), lambda root: root["context"]["platform"].update(cpu="another"))
        said = baseline("fetch", store, status=m.EXIT_USAGE).stderr
        expect(f"is of another machine than its place says: different CPUs: '{own['cpu']}' and 'another'" in said, said)


@test("hosted/baseline keeps what others publish at the same time")
def _():
    with home() as folder:
        repository, branch = bare(folder)
        work = os.path.join(folder, "work")
        git(folder, "clone", "-q", repository, work)
        commit(work, README="words of others")
        git(work, "push", "-q", "origin", f"HEAD:refs/heads/{BRANCH}")
        names = [(number, f"n{number % 3}", f"CPU {number // 3}") for number in range(6)]
        for store in (branch, os.path.join(folder, "store")):
            with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
                for future in [pool.submit(baseline, "publish", store, launch(folder, number, cpu=cpu), "--name", name)
                               for number, name, cpu in names]:
                    future.result()
        there = git(repository, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
        in_folder = [os.path.join(place, name) for place in os.listdir(store)
                     for name in os.listdir(os.path.join(store, place))]
        expect_equal(sorted(there), sorted(in_folder + ["README"]), "what is there")
        expect_equal(len(in_folder), len(names), f"{in_folder}")
        expect_equal(int(git(repository, "rev-list", "--count", BRANCH)), 7, "commits")
        baseline("publish", branch, launch(folder, 0, cpu="CPU 0"), "--name=n0")
        expect_equal(int(git(repository, "rev-list", "--count", BRANCH)), 7, "commits after the same once more")


@test("hosted/baseline says what git cannot do, and ends")
def _():
    with home() as folder:
        repository, branch = bare(folder)
        path = launch(folder, 1)
        said = baseline("fetch", branch, status=m.EXIT_USAGE).stderr
        expect_equal(said, f"there is no branch {BRANCH}\n", "no branch")
        for wrong in ("", "-x", "a b", "a:b", "+a", "x/../*"):
            said = baseline("publish", f"{repository}#{wrong}", path, status=m.EXIT_USAGE).stderr
            expect_equal(said, f"'{wrong}': not a branch's name of letters, digits, '.', '_', '-' and '/'\n", wrong)
        said = baseline("publish", f"{folder}/nowhere#b", path, status=m.EXIT_USAGE).stderr
        expect(said.endswith("branch b: cannot be pushed\n"), said)
        said = baseline("fetch", f"{folder}/nowhere#b", status=m.EXIT_USAGE).stderr
        expect(said.endswith("branch b: cannot be fetched\n"), said)
        hook = os.path.join(repository, "hooks", "pre-receive")
        with open(hook, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho not for you >&2\nexit 1\n")
        os.chmod(hook, 0o755)
        said = baseline("publish", branch, path, status=m.EXIT_USAGE).stderr
        expect("not for you" in said and said.endswith(f"branch {BRANCH}: cannot be pushed\n"), said)


@test("hosted/baseline that is killed while it publishes leaves nothing behind")
def _():
    with home() as folder:
        repository, branch = bare(folder)
        path, place, begun = launch(folder, 1), os.path.join(folder, "temporary"), os.path.join(folder, "begun")
        os.mkdir(place)
        hook = os.path.join(repository, "hooks", "pre-receive")
        with open(hook, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho $$ >'{begun}.new' && mv '{begun}.new' '{begun}' && exec sleep 600\n")
        os.chmod(hook, 0o755)
        for ended_by in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with subprocess.Popen([hosted_tests.PROGRAM, "baseline", "publish", branch, path], start_new_session=True,
                                  env={**os.environ, "TMPDIR": place}, stderr=subprocess.DEVNULL) as process:
                expect(waited(lambda: os.path.exists(begun)), "it pushes")
                expect_equal(len(os.listdir(place)), 1, "its clone")
                process.send_signal(ended_by)
                expect(process.wait(limit(60)) != 0, f"{ended_by.name}")
            expect(waited(lambda: not os.listdir(place)), f"{ended_by.name} leaves {os.listdir(place)}")
            with open(begun, encoding="ascii") as file, contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read()), signal.SIGKILL)
            os.remove(begun)


@test("hosted/baseline follows no link that a branch has, and believes no file")
def _():
    with home() as folder:
        repository, branch = bare(folder)
        path, outside, work = launch(folder, 1), os.path.join(folder, "outside"), os.path.join(folder, "work")
        baseline("publish", branch, path)
        git(folder, "clone", "-q", "-b", BRANCH, repository, work)
        (place,) = [name for name in os.listdir(work) if name != ".git"]
        os.mkdir(outside)
        git(work, "rm", "-q", "-r", place)
        os.symlink(outside, os.path.join(work, place))
        commit(work)
        git(work, "push", "-q", "origin", f"HEAD:{BRANCH}")
        baseline("publish", branch, path, status=m.EXIT_USAGE)
        expect_equal(os.listdir(outside), [], "what came of the link")
        # As one file of several launches may be, where a stranger wrote it.
        good = read(path)
        other = json.loads(json.dumps(good))
        other["context"]["platform"]["cpu"] = "another"
        bundle = os.path.join(folder, "bundle.json")
        for content, wanted in (([], "launches is not an array of 1 to 500 results"),
                                ({}, "launches is not an array of 1 to 500 results"),
                                ([good, 7], ", launch 2: "), ([good, {**good, "benchmarks": 1}], ", launch 2: "),
                                ([good, other], ", launch 2: different CPUs: ")):
            with open(bundle, "w", encoding="utf-8") as file:
                json.dump({"schema": "anechoic-baseline/1", "launches": content}, file)
            said = baseline("publish", os.path.join(folder, "s"), bundle, status=m.EXIT_USAGE).stderr
            expect(said.startswith(bundle) and wanted in said and said.count("\n") == 1, said)


@test("hosted/baseline follows no link in a store, and shows no folder that is none of its own")
def _():
    with home() as folder:
        path, store, victim = launch(folder, 1), os.path.join(folder, "store"), os.path.join(folder, "victim")
        baseline("publish", store, path)
        key, = os.listdir(store)
        place, kept = os.path.join(store, key), os.path.join(store, key, "main.json")
        os.rename(kept, victim)
        before = read(victim)
        os.symlink(victim, kept)
        other = launch(folder, 2, (300, 400))
        for words in (("publish", store, other), ("fetch", store)):
            said = baseline(*words, status=m.EXIT_USAGE).stderr
            expect_equal(said, f"{kept}: it is a link, and a store has folders and plain files alone\n", words[0])
        expect_equal(read(victim), before, "what the link is of")
        os.remove(kept)
        os.link(victim, kept)
        baseline("publish", store, other)
        expect_equal((read(victim), read(kept)), (before, read(other)), "a file that has another name, too")
        os.remove(kept)
        os.rmdir(place)
        os.mkdir(os.path.join(folder, "outside"))
        os.symlink(os.path.join(folder, "outside"), place)
        for words in (("publish", store, other), ("fetch", store)):
            said = baseline(*words, status=m.EXIT_USAGE).stderr
            expect_equal(said, f"{place}: it is a link, and a store has folders and plain files alone\n", words[0])
        expect_equal(os.listdir(os.path.join(folder, "outside")), [], "what came of the link")
        os.remove(place)
        os.mkdir(os.path.join(store, "\033[31m\nforged"))
        os.rename(victim, os.path.join(store, "\033[31m\nforged", "main.json"))
        said = baseline("fetch", store, status=m.EXIT_USAGE).stderr
        expect_equal(said, "no baseline 'main' of this machine there\n", "a folder that no key can be")


@test("hosted/baseline is of whole runs without a failure")
def _():
    with home() as folder:
        store = os.path.join(folder, "store")

        def cut(root):
            root["context"]["complete"] = False

        def fail(root):
            root["benchmarks"][1] = {**{key: root["benchmarks"][1][key] for key in ("name", "group", "parameters")},
                                     "status": "failed", "reason": "broken"}
        for change, word in ((cut, "the run is not complete"), (fail, "group/1 failed or hung, and is no baseline")):
            said = baseline("publish", store, changed(launch(folder, 1), change), status=m.EXIT_BROKEN).stderr
            expect(word in said and not os.path.exists(store), said)
        for words in ((), ("publish",), ("push", store), ("fetch", store, "more"), ("publish", store, "-o", "x"),
                      ("publish", store, "a", "b"), ("publish", "", "a"), ("fetch", ""),
                      ("fetch", store, "--name=../x"), ("publish", store, "--name", ".x"), ("publish", store)):
            baseline(*words, status=m.EXIT_USAGE)
        unreadable = subprocess.run([hosted_tests.PROGRAM, "baseline", "fetch", store], check=False,
                                    capture_output=True, text=True, timeout=limit(60),
                                    env={"PATH": "/nonexistent", "ANECHOIC_HOME": folder})
        expect_equal(unreadable.returncode, m.EXIT_USAGE, unreadable.stderr)
