# SPDX-License-Identifier: Apache-2.0
"""What make would compile with clang, many files to a process.

clang's start takes as long as a file of ours does: of a thousand, half the time. Its first stage, `clang -cc1`, takes
any number of files that have their flags in common, and puts each one's object beside it: beside a copy, therefore.
What is compiled and how, make says itself (`make -n`). Nobody writes down which headers a file took, so each object
depends on all of them.
"""

import collections
import concurrent.futures
import glob
import os
import queue
import re
import shlex
import shutil
import subprocess
import tempfile

from harness import Failed, limit

BATCH = 50      # files a process at the most, so that no core is left without
# What the driver says of one file, with the words that follow; and that memory is kept until the process ends.
OF_ONE_FILE = {"-o": 2, "-main-file-name": 2, "-dependency-file": 2, "-MT": 2, "-MP": 1, "-disable-free": 1}


def output(words, folder, limit_s=600):
    result = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True, timeout=limit(limit_s))
    if result.returncode != 0:
        raise Failed(f"{shlex.join(words)[:300]}: exit status {result.returncode}\n"
                     f"{result.stdout[-3000:]}{result.stderr[-6000:]}")
    return result


def commands(text):
    """{flags: [(source, object)]} of the C files that clang is to compile."""
    groups = collections.defaultdict(list)
    for line in text.splitlines():
        found = re.fullmatch(r"(clang\s.*) -c (\S+\.c) -o (\S+\.o)", line.strip())
        if found:
            groups[found.group(1)].append((found.group(2), found.group(3)))
    return groups


def first_stage(root, flags):
    """The command that clang makes of these flags, for files still to be named."""
    told = output([*shlex.split(flags), "-###", "-c", "lib/acpi.c", "-o", "acpi.o"], root).stderr
    words = next(shlex.split(line) for line in told.splitlines() if '"-cc1"' in line)
    kept = []
    while len(words) > 1:   # the last is the file
        skipped = OF_ONE_FILE.get(words[0], 0)
        kept += words[:1] if not skipped else []
        words = words[skipped or 1:]
    return kept


def copy_sources(root, folder, build):
    for name in output(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h"], root).stdout.split():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        shutil.copyfile(os.path.join(root, name), os.path.join(folder, name))
    os.symlink(os.path.join(root, build), os.path.join(folder, build))


def compile_all(root, build, groups, jobs):
    """`groups` as commands() tells them."""
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        free = queue.SimpleQueue()  # a copy of the sources each: one file may be compiled twice, with other flags
        for number in range(jobs):
            copy_sources(root, os.path.join(work, str(number)), build)
            free.put(os.path.join(work, str(number)))

        def compile_batch(flags, files):
            folder = free.get()
            try:
                output([*first_stage(root, flags), *(source for source, _ in files)], folder)
                for source, made in files:
                    os.makedirs(os.path.dirname(os.path.join(root, made)), exist_ok=True)
                    shutil.move(os.path.join(folder, source[:-1] + "o"), os.path.join(root, made))
            finally:
                free.put(folder)

        batches = [pool.submit(compile_batch, flags, files[at:at + BATCH])
                   for flags, files in groups.items() for at in range(0, len(files), BATCH)]
        try:
            for batch in batches:
                batch.result()
        finally:
            pool.shutdown(cancel_futures=True)  # else who is interrupted waits for all that is still to begin


def headers_of(root):
    return output(["git", "ls-files", "-co", "--exclude-standard", "*.h"], root).stdout.split()


def write_dependencies(root, out):
    """Of every object in the folder `out`, where make finds them."""
    headers = " ".join(headers_of(root))
    objects = [os.path.relpath(path, root)
               for path in glob.glob(os.path.join(root, out, "**", "*.c.o"), recursive=True)]
    with open(os.path.join(root, out, "all.d"), "w", encoding="utf-8") as file:
        file.write(f"{' '.join(objects)}: {headers}\n{headers}:\n")


def older(root, out, groups):
    """Those that are older than what they are made of: make, which but says what it would do, takes the kept flags for
    new ones."""
    flags = glob.glob(os.path.join(root, out, "flags", "*"))
    newest = max(os.path.getmtime(os.path.join(root, name)) for name in headers_of(root) + flags)

    def is_older(source, made):
        made, source = os.path.join(root, made), os.path.join(root, source)
        return not os.path.exists(made) or os.path.getmtime(made) < max(newest, os.path.getmtime(source))

    left = {flags: [file for file in files if is_older(*file)] for flags, files in groups.items()}
    return {flags: files for flags, files in left.items() if files}


def compile_ahead(root, build, out, make, jobs):
    """Compiles what the command line `make` would; `out` is the architecture's folder in it, `build` the tree's build
    folder. What that needs beside sources is to be there."""
    groups = older(root, out, commands(output([*make, "-n", "V=1"], root).stdout))
    if groups:
        compile_all(root, build, groups, jobs)
        write_dependencies(root, out)
